// The files that wait in a composer to be sent.

import { h, icon } from "../ui/dom.js";
import { toast } from "../ui/toast.js";

export const SAMPLE_TYPE = "application/x-playground-sample";

/** Fetches one of the samples that the playground ships. */
export async function sampleFile(name) {
  const response = await fetch(`/human/samples/${encodeURIComponent(name)}`);
  if (!response.ok) throw new Error(`sample ${name}: HTTP ${response.status}`);
  return new File([await response.blob()], name, { type: "text/csv" });
}

/** A row of chips, each a file that can be taken away again. */
export class Attachments {
  constructor(onChange) {
    this.files = [];
    this.onChange = onChange;
    this.node = h("div.attachments", { hidden: true, testid: "attachments" });
  }

  add(files) {
    this.files = [...this.files, ...files];
    this.draw();
  }

  async addSample(name) {
    try {
      this.add([await sampleFile(name)]);
    } catch {
      toast("That sample could not be read");
    }
  }

  /** Takes what was dropped: files of the computer, or a sample of the page. */
  drop(transfer) {
    const sample = transfer.getData(SAMPLE_TYPE);
    if (sample) return this.addSample(sample);
    return this.add([...transfer.files]);
  }

  clear() {
    this.files = [];
    this.draw();
  }

  draw() {
    this.node.hidden = !this.files.length;
    for (const url of this.urls ?? []) URL.revokeObjectURL(url);
    this.urls = [];
    this.node.replaceChildren(...this.files.map((file) => this.chip(file)));
    this.onChange();
  }

  chip(file) {
    let face = h(
      "span.file-icon.grey",
      { "aria-hidden": "true" },
      (/\.(\w{1,4})$/.exec(file.name)?.[1] ?? "file").toUpperCase(),
    );
    if (/\.(csv|tsv|xlsx?)$/i.test(file.name)) face.classList.replace("grey", "green");
    if (file.type.startsWith("image/")) {
      this.urls.push(URL.createObjectURL(file));
      face = h("img", { src: this.urls.at(-1), alt: "" });
    }
    return h(
      "div.chip",
      { testid: "attachment" },
      face,
      h("span.chip-name", { title: file.name }, file.name),
      h(
        "button.icon-button",
        {
          aria: `Remove ${file.name}`,
          onclick: () => {
            this.files = this.files.filter((other) => other !== file);
            this.draw();
          },
        },
        icon("close"),
      ),
    );
  }
}
