// Draws a map on a canvas. Looks are those of the style sheet: a hidden drawing carries the classes, and
// what the browser computed for them is what is used, in every theme.
import { type Graph, half } from "./map-graph";

export interface View { k: number; x: number; y: number; w: number; h: number; node: number; link: number; cursor: number; found: Set<number> }

interface Look { fill: string; stroke: string; width: number; dash: number[]; font: string }

const svg = "http://www.w3.org/2000/svg";

// name of a look, the element and classes that carry it, classes of the group around
const looks: Record<string, [string, string, string]> = {
  told: ["path", "edge", ""], stale: ["path", "edge edge-stale", ""], inferred: ["path", "edge edge-inferred", ""], chosen: ["path", "edge edge-sel", ""],
  box: ["rect", "node-box", "node"], bad: ["rect", "node-box", "node node-bad"], warn: ["rect", "node-box", "node node-warn"], sel: ["rect", "node-box", "node node-sel"],
  halo: ["rect", "node-halo", "node"], more: ["rect", "node-box", "node more"], morebad: ["rect", "node-box", "node more node-bad"], morewarn: ["rect", "node-box", "node more node-warn"], glyph: ["path", "glyph", "node"], glyphbad: ["path", "glyph", "node node-bad"],
  markbad: ["circle", "mark", "node node-bad"], markwarn: ["circle", "mark", "node node-warn"], markline: ["path", "mark-line", "node"],
  label: ["text", "node-label", "node"], strong: ["text", "node-label node-label-strong", "node"], sub: ["text", "node-sub", ""],
  site: ["rect", "site-box", ""], title: ["text", "site-name", ""], tag: ["rect", "", "edge-tag"], tagtext: ["text", "", "edge-tag"],
};

export class Draw {
  private c: CanvasRenderingContext2D;
  private look: Record<string, Look> = {};
  private paths: Path2D[];
  private probe = new Map<string, Element>();

  constructor(private canvas: HTMLCanvasElement, private g: Graph) {
    this.c = canvas.getContext("2d")!;
    this.paths = g.links.map((l) => {
      const p = new Path2D();
      const q = l.path;
      p.moveTo(q[0] ?? 0, q[1] ?? 0);
      for (let i = 2; i + 5 < q.length; i += 6) p.bezierCurveTo(q[i]!, q[i + 1]!, q[i + 2]!, q[i + 3]!, q[i + 4]!, q[i + 5]!);
      return p;
    });
    const holder = document.createElementNS(svg, "svg");
    holder.setAttribute("class", "sprite");
    holder.setAttribute("aria-hidden", "true");
    for (const [name, [tag, cls, group]] of Object.entries(looks)) {
      const around = document.createElementNS(svg, "g");
      around.setAttribute("class", group);
      const el = document.createElementNS(svg, tag);
      el.setAttribute("class", cls);
      around.append(el);
      holder.append(around);
      this.probe.set(name, el);
    }
    canvas.parentElement?.append(holder);
    this.styles();
  }

  // styles reads the looks anew, after a change of theme.
  styles(): void {
    for (const [name, el] of this.probe) {
      const s = getComputedStyle(el);
      this.look[name] = {
        fill: s.fill, stroke: s.stroke === "none" ? "transparent" : s.stroke, width: parseFloat(s.strokeWidth) || 1,
        dash: s.strokeDasharray === "none" ? [] : s.strokeDasharray.split(/[ ,]+/).map(parseFloat), font: `${s.fontWeight} ${s.fontSize} ${s.fontFamily}`,
      };
    }
  }

  private taken: [number, number, number, number][] = []; // what words may not lie over, this time

  paint(v: View): void {
    this.taken = [];
    const ratio = this.canvas.width / (v.w || 1);
    const c = this.c;
    c.setTransform(1, 0, 0, 1, 0, 0);
    c.clearRect(0, 0, this.canvas.width, this.canvas.height);
    c.setTransform(v.k * ratio, 0, 0, v.k * ratio, v.x * ratio, v.y * ratio);
    this.blocks(v);
    this.edges(v);
    if (v.k < 0.15) return;
    this.nodes(v);
    if (v.k >= 0.35) this.labels(v);
    if (v.k >= 0.9) this.tags(v);
  }

  private use(name: string, min = 0): Look {
    const l = this.look[name]!;
    this.c.fillStyle = l.fill;
    this.c.strokeStyle = l.stroke;
    this.c.lineWidth = Math.max(l.width, min);
    this.c.setLineDash(l.dash);
    return l;
  }

  private box(x: number, y: number, w: number, h: number, r: number): void {
    this.c.beginPath();
    this.c.roundRect(x, y, w, h, r);
    this.c.fill();
    this.c.stroke();
  }

  private off(v: View, x: number, y: number, w: number, h: number): boolean {
    return (x + w) * v.k + v.x < 0 || (y + h) * v.k + v.y < 0 || x * v.k + v.x > v.w || y * v.k + v.y > v.h;
  }

  private text(s: string, x: number, y: number, size = 1): void {
    const c = this.c;
    c.save();
    c.translate(x, y);
    c.scale(size, size);
    c.fillText(s, 0, 0);
    c.restore();
  }

  private blocks(v: View): void {
    const c = this.c;
    // A card's words keep a readable size however small the map is.
    const size = v.k < 0.35 ? Math.min(1 / v.k, 8) * 0.9 : 1;
    for (const b of this.g.blocks) {
      if (this.off(v, b.x, b.y, b.w, b.h)) continue;
      this.use("site", 1 / v.k);
      this.box(b.x, b.y, b.w, b.h, 12);
      c.font = this.use("title").font;
      c.textAlign = "left";
      this.text(cut(c, b.title, (b.w - 24) / size), b.x + 16, b.y + 10 + 14 * size, size);
      c.font = this.use("sub").font;
      this.text(cut(c, b.sub, (b.w - 24) / size), b.x + 16, b.y + 10 + 30 * size, size);
    }
  }

  private edges(v: View): void {
    const c = this.c;
    for (const state of ["told", "inferred", "stale"]) {
      this.use(state, 0.8 / v.k);
      this.g.links.forEach((l, i) => { if (l.state === state && i !== v.link) c.stroke(this.paths[i]!); });
    }
    if (v.node >= 0) {
      const chosen = this.look["chosen"]!;
      for (const [i, l] of this.g.links.entries()) {
        if (l.from !== v.node && l.to !== v.node) continue;
        this.use(l.state, 1.8);
        c.strokeStyle = chosen.stroke;
        c.stroke(this.paths[i]!);
      }
    }
    const chosen = this.paths[v.link];
    if (!chosen) return;
    this.use("chosen", 2 / v.k);
    c.stroke(chosen);
  }

  private nodes(v: View): void {
    const c = this.c;
    for (const i of this.g.drawn) {
      const n = this.g.nodes[i]!;
      const w = half(n);
      if (this.off(v, n.x - w - 8, n.y - 24, 2 * w + 16, 48)) continue;
      const sel = i === v.node;
      if (sel || i === v.cursor || v.found.has(i)) {
        this.use("halo");
        this.box(n.x - w - 4, n.y - 19, 2 * w + 8, 38, n.count > 0 ? 19 : 11);
      }
      this.use(n.count > 0 ? "more" + n.state : sel ? "sel" : n.state || "box");
      this.box(n.x - w, n.y - 15, 2 * w, 30, n.count > 0 ? 15 : 7);
      if (v.k < 0.35) continue;
      const glyph = this.g.glyphs.get(n.glyph);
      if (glyph) {
        c.save();
        c.translate(n.count > 0 ? n.x - w + 12 : n.x - 8, n.y - 8);
        this.use(n.state === "bad" ? "glyphbad" : "glyph");
        c.lineCap = c.lineJoin = "round";
        c.stroke(glyph);
        c.restore();
      }
      if (n.state) this.mark(n.x + w - 15, n.y, n.state);
    }
  }

  private mark(x: number, y: number, state: string): void {
    const c = this.c;
    this.use("mark" + state);
    c.beginPath();
    c.arc(x + 14, y - 14, 6.5, 0, 7);
    c.fill();
    c.stroke();
    this.use("markline");
    c.lineCap = "round";
    c.stroke(new Path2D(state === "bad" ? `M${x + 12} ${y - 16}l4 4m0-4l-4 4` : `M${x + 14} ${y - 17}v3.4m0 2.2v.1`));
  }

  // labels drops what would overlap, lower tiers first.
  private labels(v: View): void {
    const c = this.c;
    const order = ["edge", "core", "distribution", "access", "leaf"];
    const first = (i: number): number => (i === v.node || i === v.cursor || v.found.has(i) ? -1 : order.indexOf(this.g.nodes[i]!.tier));
    const taken = this.taken;
    const around = this.look["site"]!.fill;
    c.textAlign = "center";
    for (const i of [...this.g.drawn].sort((a, b) => first(a) - first(b))) {
      const n = this.g.nodes[i]!;
      if (this.off(v, n.x - 80, n.y - 20, 160, 60)) continue;
      // Names stay readable when the map is small: they grow against the zoom.
      const size = n.count > 0 ? 1 : Math.min(Math.max(0.82 / v.k, 1), 1.7);
      c.font = this.use(i === v.node ? "strong" : "label").font;
      const s = cut(c, n.label, n.count > 0 ? 2 * half(n) - 40 : 150);
      const w = c.measureText(s).width * size;
      const [x, y] = n.count > 0 ? [n.x + 10, n.y + 4] : [n.x, n.y + 17 + 12 * size];
      const box: [number, number, number, number] = [x - w / 2 - 3, y - 10 * size, x + w / 2 + 3, y + 3 * size];
      if (n.count === 0) {
        if (this.covers(box)) continue;
        taken.push(box);
        c.save();
        c.translate(x, y);
        c.scale(size, size);
        c.setLineDash([]);
        c.lineJoin = "round";
        c.strokeStyle = around;
        c.lineWidth = 3;
        c.strokeText(s, 0, 0);
        c.fillText(s, 0, 0);
        c.restore();
      } else this.text(s, x, y, size);
    }
  }

  private covers(b: [number, number, number, number]): boolean {
    return this.taken.some((t) => t[0] < b[2] && b[0] < t[2] && t[1] < b[3] && b[1] < t[3]);
  }

  // tags names the ports of the chosen link, and of the links of the chosen device.
  private tags(v: View): void {
    const c = this.c;
    for (const i of this.g.drawn) {
      const n = this.g.nodes[i]!;
      this.taken.push([n.x - half(n), n.y - 15, n.x + half(n), n.y + 15]);
    }
    c.textAlign = "center";
    this.g.links.forEach((l, i) => {
      if (!l.ports || (i !== v.link && l.from !== v.node && l.to !== v.node)) return;
      const n = (l.path.length - 2) / 6;
      // Near the other end, where the links of one device are apart; a link alone is named in its middle.
      const own = this.g.nodes[v.node];
      const away = (k: number): number => (own ? Math.hypot(l.path[k]! - own.x, l.path[k + 1]! - own.y) : 0);
      const t = i === v.link ? 0.5 : away(0) < away(l.path.length - 2) ? 0.8 : 0.2;
      const q = l.path.slice(6 * Math.min(Math.floor(n * t), n - 1), 6 * Math.min(Math.floor(n * t), n - 1) + 8);
      const u = 1 - t;
      const at = (k: number): number => u * u * u * q[k]! + 3 * u * u * t * q[k + 2]! + 3 * u * t * t * q[k + 4]! + t * t * t * q[k + 6]!;
      const x = at(0);
      const y = at(1);
      c.font = this.use("tagtext").font;
      const w = c.measureText(l.ports).width + 14;
      const box: [number, number, number, number] = [x - w / 2 - 2, y - 11, x + w / 2 + 2, y + 11];
      if (i !== v.link && this.covers(box)) return;
      this.taken.push(box);
      this.use("tag");
      this.box(x - w / 2, y - 9, w, 18, 5);
      this.use("tagtext");
      c.fillText(l.ports, x, y + 4);
    });
  }
}

function cut(c: CanvasRenderingContext2D, s: string, most: number): string {
  if (c.measureText(s).width <= most) return s;
  let n = s.length;
  while (n > 1 && c.measureText(s.slice(0, n) + "…").width > most) n--;
  return s.slice(0, n) + "…";
}
