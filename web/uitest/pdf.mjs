import { inflateSync } from "node:zlib";

// The text of a PDF as Chromium writes it: streams are deflated, fonts carry a
// ToUnicode map, and text is glyph numbers in hexadecimal.
export function pdfText(buffer) {
  const raw = buffer.toString("latin1");
  const objects = new Map();
  for (const m of raw.matchAll(/(?:^|\n)(\d+) 0 obj\s*([\s\S]*?)endobj/g)) objects.set(m[1], m[2]);
  const stream = (id) => {
    const body = objects.get(id) ?? "";
    const m = /stream\r?\n([\s\S]*?)\r?\nendstream/.exec(body);
    if (!m) return "";
    const bytes = Buffer.from(m[1], "latin1");
    return (/FlateDecode/.test(body.slice(0, m.index)) ? inflateSync(bytes) : bytes).toString("latin1");
  };
  const fonts = new Map(); // name to its map of glyphs
  for (const body of objects.values()) {
    for (const dict of body.matchAll(/\/Font\s*<<([^>]*)>>/g)) {
      for (const [, name, id] of dict[1].matchAll(/\/(\w+) (\d+) 0 R/g)) {
        const map = /\/ToUnicode (\d+) 0 R/.exec(objects.get(id) ?? "")?.[1];
        if (map && !fonts.has(name)) fonts.set(name, glyphs(stream(map)));
      }
    }
  }
  let text = "";
  const pages = [...objects.values()].filter((b) => /\/Type\s*\/Page\b/.test(b));
  for (const page of pages) {
    let font;
    for (const [, id] of page.matchAll(/\/Contents (\d+) 0 R/g)) {
      for (const m of stream(id).matchAll(/\/(\w+) [\d.]+ Tf|<([0-9A-Fa-f]+)> ?Tj|\[((?:<[0-9A-Fa-f]+>|[^\]])*)\] ?TJ|\b(?:Td|Tm|T\*|ET)\b/g)) {
        if (m[1]) font = fonts.get(m[1]);
        else if (m[2]) text += decode(m[2], font);
        else if (m[3] !== undefined) for (const [, hex] of m[3].matchAll(/<([0-9A-Fa-f]+)>/g)) text += decode(hex, font);
        else text += " ";
      }
    }
    text += "\n";
  }
  return { text: text.replace(/ +/g, " "), pages: pages.length };
}

const letters = (hex) => hex.match(/.{4}/g).map((h) => String.fromCharCode(parseInt(h, 16))).join("");
const decode = (hex, font) => hex.match(new RegExp(`.{${font?.digits ?? 4}}`, "g"))?.map((g) => font?.get(parseInt(g, 16)) ?? "").join("") ?? "";

function glyphs(cmap) {
  const out = new Map();
  out.digits = /begincodespacerange\s*<(\w+)>/.exec(cmap)?.[1].length ?? 4; // of one glyph's number
  for (const [, body] of cmap.matchAll(/beginbfchar([\s\S]*?)endbfchar/g)) {
    for (const [, from, to] of body.matchAll(/<(\w+)>\s*<(\w+)>/g)) out.set(parseInt(from, 16), letters(to));
  }
  for (const [, body] of cmap.matchAll(/beginbfrange([\s\S]*?)endbfrange/g)) {
    for (const [, a, b, to] of body.matchAll(/<(\w+)>\s*<(\w+)>\s*<(\w+)>/g)) {
      for (let g = parseInt(a, 16), i = 0; g <= parseInt(b, 16); g++, i++) out.set(g, String.fromCharCode(parseInt(to, 16) + i));
    }
  }
  return out;
}
