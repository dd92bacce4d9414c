// --- what is shown, as a table and as a picture --------------------------------------------------

const live = new RegExp(data.live, "u");
const number = /^[+\u2212-]?\d+(\.\d+)?%?$/;

// A number stays one; a text that a spreadsheet might compute gets an apostrophe before it.
function inert(value) {
  const text = String(value ?? "");
  if (typeof value === "number" || number.test(text)) {
    return text.replace("\u2212", "-").replace("+", "");
  }
  return live.test(text) ? `'${text}` : text;
}

const quoted = (text) => (/[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text);
const asCsv = (rows) =>
  `\ufeff${rows.map((row) => row.map((value) => quoted(inert(value))).join(",")).join("\r\n")}\r\n`;

function save(blob, name) {
  const link = make("a", { href: URL.createObjectURL(blob), download: fileName(name) });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

const fileName = (name) =>
  [data.mark, name].filter(Boolean).join("-").replace(/[\u0000-\u001f\\/:*?"<>|\u202a-\u202e\u2066-\u2069]/g, "_");

const saveCsv = (rows, name) => save(new Blob([asCsv(rows)], { type: "text/csv" }), `${name}.csv`);

const lines = (cell) =>
  [...cell.childNodes]
    .filter((node) => !node.classList?.contains("arrow"))
    .map((node) => node.textContent.trim())
    .filter(Boolean)
    .join(" ");

function tableRows(found) {
  return [...found.rows].map((line) => [...line.cells].map(lines));
}

// All tables of a view, one below the other, each under its heading.
function viewRows(view) {
  return [...view.querySelectorAll("table")].flatMap((found) => [
    [found.getAttribute("aria-label") ?? ""],
    ...tableRows(found),
    [],
  ]);
}

function csvButton(rows, name) {
  const button = make("button", { type: "button", class: "csv" }, "导出表格（CSV）");
  button.addEventListener("click", () => saveCsv(rows(), name()));
  return button;
}

function pictureButton(view, name) {
  const button = make("button", { type: "button", class: "save picture" }, "存为图片");
  button.addEventListener("click", async () => {
    const found = view();
    if (found) {
      const canvas = titled(await found.toCanvas(2), name());
      canvas.toBlob((blob) => save(blob, `${name()}.png`));
    }
  });
  return button;
}

// A picture travels alone: it says what it shows.
function titled(picture, name) {
  const canvas = make("canvas", { width: picture.width + 48, height: picture.height + 112 });
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#ffffff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = "#1f2933";
  pen.textBaseline = "middle";
  const words = [data.title, name, data.mark].filter(Boolean).join(" · ");
  let size = 32;
  do {
    pen.font = `bold ${size}px "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", sans-serif`;
    size -= 2;
  } while (size > 14 && pen.measureText(words).width > canvas.width - 48);
  pen.fillText(words, 24, 44);
  pen.drawImage(picture, 24, 88);
  return canvas;
}
