// table (shown as it is) and data_table (sorted by its heads, paged).

import { richText, richTextWords } from "../text/richtext.js";
import { h } from "../ui/dom.js";

function cellNode(cell) {
  if (!cell) return "";
  return cell.type === "rich_text" ? richText(cell) : String(cell.text ?? cell.value ?? "");
}

function cellWords(cell) {
  return cell?.type === "rich_text" ? richTextWords(cell) : String(cell?.text ?? cell?.value ?? "");
}

function numberOf(cell) {
  if (typeof cell?.value === "number") return cell.value;
  const text = cellWords(cell).replace(/[,\s¥$€£%]/g, "");
  return /^[-+−]?\d+(\.\d+)?$/.test(text) ? Number(text.replace("−", "-")) : Number.NaN;
}

function alignment(rows, column, setting) {
  if (setting?.align) return setting.align;
  const filled = rows.filter((row) => cellWords(row[column]).trim());
  return filled.length && filled.every((row) => !Number.isNaN(numberOf(row[column]))) ? "right" : "left";
}

/** A `table` block: the first row is the head. */
export function tableBlock(block) {
  const [head = [], ...rows] = block.rows ?? [];
  const aligns = head.map((_, column) => alignment(rows, column, block.column_settings?.[column]));
  const cell = (tag) => (value, column) =>
    h(
      tag,
      { class: `align-${aligns[column] ?? "left"}${block.column_settings?.[column]?.is_wrapped ? " wrapped" : ""}` },
      cellNode(value),
    );
  return h(
    "div.table-wrap",
    { testid: "table", tabindex: "0", role: "region", aria: "Table" },
    h(
      "table",
      h("thead", h("tr", head.map(cell("th")))),
      h(
        "tbody",
        rows.map((row) => h("tr", row.map(cell("td")))),
      ),
    ),
  );
}

function compare(column, direction) {
  return (left, right) => {
    const [a, b] = [numberOf(left[column]), numberOf(right[column])];
    if (!Number.isNaN(a) && !Number.isNaN(b)) return direction * (a - b);
    return direction * cellWords(left[column]).localeCompare(cellWords(right[column]));
  };
}

/** A `data_table` block; source: https://docs.slack.dev/reference/block-kit/blocks/data-table-block */
export function dataTableBlock(block) {
  const [head = [], ...rows] = block.rows ?? [];
  const size = block.page_size ?? 5;
  const aligns = head.map((_, column) => alignment(rows, column, null));
  const state = { column: -1, direction: 1, page: 0 };
  const wrap = h("div.data-table", { testid: "data-table" });

  function sortBy(column) {
    state.direction = state.column === column ? -state.direction : 1;
    state.column = column;
    state.page = 0;
    draw(`.sort[data-column="${column}"]`);
  }

  function turn(step) {
    state.page += step;
    draw(`[data-step="${step}"]`);
  }

  function headCell(cell, column) {
    const sorted = state.column === column;
    const mark = sorted ? (state.direction > 0 ? "ascending" : "descending") : "none";
    return h(
      "th",
      { class: `align-${aligns[column]}`, "aria-sort": mark, scope: "col" },
      h(
        "button.sort",
        { "data-column": column, onclick: () => sortBy(column) },
        cellNode(cell),
        h("span.arrow", { "aria-hidden": "true" }, sorted ? (state.direction > 0 ? "▲" : "▼") : "↕"),
      ),
    );
  }

  function pager(pages) {
    const button = (step, label, off) =>
      h("button", { "data-step": step, aria: label, disabled: off, onclick: () => turn(step) }, step < 0 ? "‹" : "›");
    const from = state.page * size + 1;
    return h(
      "div.pager",
      h("span", `${from}–${Math.min(from + size - 1, rows.length)} of ${rows.length}`),
      pages > 1
        ? [button(-1, "Previous page", state.page === 0), button(1, "Next page", state.page === pages - 1)]
        : null,
    );
  }

  function draw(focus) {
    const sorted = state.column < 0 ? rows : [...rows].sort(compare(state.column, state.direction));
    const shown = sorted.slice(state.page * size, (state.page + 1) * size);
    const body = shown.map((row) =>
      h(
        "tr",
        row.map((cell, column) =>
          h(
            column === block.row_header_column_index ? "th" : "td",
            { class: `align-${aligns[column] ?? "left"}` },
            cellNode(cell),
          ),
        ),
      ),
    );
    wrap.replaceChildren(
      h(
        "div.table-wrap",
        h(
          "table",
          block.caption ? h("caption", String(block.caption.text ?? block.caption)) : null,
          h("thead", h("tr", head.map(headCell))),
          h("tbody", body),
        ),
      ),
      pager(Math.ceil(rows.length / size)),
    );
    if (focus) wrap.querySelector(focus)?.focus();
  }

  draw();
  return wrap;
}
