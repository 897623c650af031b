// Files of a message: images in line, the rest as cards; small tables get a look inside.

import { fileUrl, picture } from "../blocks/images.js";
import { h, icon } from "../ui/dom.js";

const COLORS = {
  csv: "green",
  tsv: "green",
  xlsx: "green",
  xls: "green",
  json: "amber",
  py: "blue",
  txt: "grey",
  md: "grey",
  pdf: "red",
  zip: "purple",
  parquet: "purple",
};

function sizeText(bytes) {
  if (!bytes) return "";
  const units = ["bytes", "kB", "MB", "GB"];
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), 3);
  return `${power ? (bytes / 1000 ** power).toFixed(bytes / 1000 ** power < 10 ? 1 : 0) : bytes} ${units[power]}`;
}

function splitLine(line, delimiter) {
  const out = [""];
  let quoted = false;
  for (const sign of line) {
    if (sign === '"') quoted = !quoted;
    else if (sign === delimiter && !quoted) out.push("");
    else out[out.length - 1] += sign;
  }
  return out;
}

function peek(file) {
  const lines = (file.preview ?? "").split(/\r?\n/).filter(Boolean).slice(0, 4);
  const delimiter = [",", "\t", ";"].find((sign) => lines[0]?.includes(sign));
  if (!delimiter || lines.length < 2 || !["csv", "tsv"].includes(extension(file))) return null;
  const [head, ...rows] = lines.map((line) => splitLine(line, delimiter).slice(0, 6));
  return h(
    "div.peek",
    { "aria-hidden": "true" },
    h(
      "table",
      h(
        "thead",
        h(
          "tr",
          head.map((cell) => h("th", cell)),
        ),
      ),
      h(
        "tbody",
        rows.map((row) =>
          h(
            "tr",
            row.map((cell) => h("td", cell)),
          ),
        ),
      ),
    ),
  );
}

function extension(file) {
  return (/\.([a-z0-9]{1,7})$/i.exec(file.name ?? "")?.[1] ?? file.filetype ?? "").toLowerCase();
}

function fileCard(file) {
  const kind = extension(file);
  const name = file.title || file.name || file.id;
  const detail = [file.pretty_type || kind.toUpperCase(), sizeText(file.size)].filter(Boolean).join(" · ");
  return h(
    "div.file-card",
    { testid: "file", "data-file": file.id },
    h(
      "div.file-head",
      h(
        `span.file-icon.${COLORS[kind] ?? "grey"}`,
        { "aria-hidden": "true" },
        kind.slice(0, 4).toUpperCase() || icon("file"),
      ),
      h("div.file-words", h("div.file-name", { title: file.name }, name), h("div.file-detail", detail)),
      file.is_external
        ? null
        : h(
            "a.icon-button",
            {
              href: fileUrl(file.id, file.name ?? ""),
              download: file.name ?? file.id,
              aria: `Download ${name}`,
              title: "Download",
              testid: "download",
            },
            icon("download"),
          ),
    ),
    peek(file),
  );
}

/** A file that was shared a moment ago has no media type yet. */
function isImage(file) {
  return file.mimetype
    ? file.mimetype.startsWith("image/")
    : ["png", "jpg", "jpeg", "gif", "webp"].includes(extension(file));
}

function fileNode(file) {
  if (file.mode === "tombstone") return h("div.file-gone", icon("trash"), "This file was deleted.");
  if (!isImage(file)) return fileCard(file);
  const name = file.title || file.name || "image";
  const style = file.original_w && file.original_h ? { "aspect-ratio": `${file.original_w} / ${file.original_h}` } : {};
  const view = picture(fileUrl(file.id, file.name ?? ""), file.alt_txt || name, name);
  view.querySelector("img").style.aspectRatio = style["aspect-ratio"] ?? "";
  return h("figure.image", { "data-file": file.id }, h("figcaption", name), view);
}

/** All files of a message, or null. */
export function filesNode(files) {
  return files?.length ? h("div.files", files.map(fileNode)) : null;
}
