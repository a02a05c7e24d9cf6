// The map: positions, paths and words come from the server; here they are drawn on a canvas, moved and
// pointed at. Nothing moves by itself, and the page is redrawn only when something changed.
import { Draw, type View } from "./map-draw";
import { type Data, type Graph, graph } from "./map-graph";

const root = document.querySelector<HTMLElement>("[data-topology]");
const canvas = root?.querySelector<HTMLCanvasElement>("canvas[data-map]");
if (root && canvas) void start(root, canvas);

async function start(root: HTMLElement, canvas: HTMLCanvasElement): Promise<void> {
  const answer = await fetch(canvas.dataset["map"] ?? "", { headers: { Accept: "application/json" } });
  if (!answer.ok) return; // the still picture and the table stay
  new Island(root, canvas, graph((await answer.json()) as Data)).open();
}

class Island {
  private view: View = { k: 1, x: 0, y: 0, w: 0, h: 0, node: -1, link: -1, cursor: -1, found: new Set() };
  private draw: Draw;
  private due = 0;
  private asked = 0;

  constructor(private root: HTMLElement, private canvas: HTMLCanvasElement, private g: Graph) {
    this.draw = new Draw(canvas, g);
  }

  open(): void {
    const still = this.root.querySelector<HTMLElement>("[data-map-still]");
    if (still) still.hidden = true;
    this.canvas.hidden = false;
    const box = this.root.querySelector<HTMLElement>("[data-zoom-box]");
    if (box) box.hidden = false;
    const q = new URLSearchParams(location.search);
    this.view.node = this.view.cursor = this.g.byId.get(q.get("focus") ?? "") ?? -1;
    this.view.link = this.g.byKey.get(q.get("link") ?? "") ?? -1;
    this.size();
    this.fit();
    new ResizeObserver(() => this.size()).observe(this.canvas);
    const again = (): void => { this.draw.styles(); this.later(); };
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
    new MutationObserver(again).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    void document.fonts?.ready.then(() => this.later());
    this.pointer();
    this.keys();
    this.tools();
    this.canvas.dataset["ready"] = "1";
  }

  private later(): void {
    if (!this.due) this.due = requestAnimationFrame(() => { this.due = 0; this.draw.paint(this.view); });
  }

  private size(): void {
    const r = this.canvas.getBoundingClientRect();
    const ratio = Math.min(devicePixelRatio || 1, 2);
    this.view.w = r.width;
    this.view.h = r.height;
    this.canvas.width = Math.round(r.width * ratio);
    this.canvas.height = Math.round(r.height * ratio);
    this.later();
  }

  private fit(): void {
    const v = this.view;
    const foot = v.h > 300 ? 46 : 0; // the key lies over the lower edge
    v.k = Math.min((v.w - 16) / this.g.width, (v.h - 16 - foot) / this.g.height, 1.25);
    v.x = (v.w - this.g.width * v.k) / 2;
    v.y = (v.h - foot - this.g.height * v.k) / 2;
    this.later();
  }

  private zoom(by: number, px = this.view.w / 2, py = this.view.h / 2): void {
    const v = this.view;
    const k = Math.min(Math.max(v.k * by, 0.02), 4);
    v.x = px - ((px - v.x) * k) / v.k;
    v.y = py - ((py - v.y) * k) / v.k;
    v.k = k;
    this.later();
  }

  private show(i: number): void {
    const n = this.g.nodes[i];
    if (!n) return;
    const v = this.view;
    const px = n.x * v.k + v.x;
    const py = n.y * v.k + v.y;
    if (px < 40 || py < 40 || px > v.w - 40 || py > v.h - 80) {
      v.x += v.w / 2 - px;
      v.y += v.h / 2 - py;
    }
    this.later();
  }

  private pointer(): void {
    const c = this.canvas;
    const down = new Map<number, PointerEvent>();
    let moved = 0;
    c.addEventListener("wheel", (e) => {
      e.preventDefault();
      const r = c.getBoundingClientRect();
      this.zoom(Math.exp(-e.deltaY * (e.deltaMode ? 0.05 : 0.0015)), e.clientX - r.left, e.clientY - r.top);
    }, { passive: false });
    c.addEventListener("pointerdown", (e) => { c.setPointerCapture(e.pointerId); down.set(e.pointerId, e); moved = 0; });
    c.addEventListener("pointermove", (e) => {
      const before = down.get(e.pointerId);
      if (!before) return;
      const other = [...down.values()].find((p) => p.pointerId !== e.pointerId);
      if (other) {
        const far = (p: PointerEvent): number => Math.hypot(p.clientX - other.clientX, p.clientY - other.clientY) || 1;
        const r = c.getBoundingClientRect();
        this.zoom(far(e) / far(before), (e.clientX + other.clientX) / 2 - r.left, (e.clientY + other.clientY) / 2 - r.top);
      } else {
        this.view.x += e.clientX - before.clientX;
        this.view.y += e.clientY - before.clientY;
        this.later();
      }
      moved += Math.abs(e.clientX - before.clientX) + Math.abs(e.clientY - before.clientY);
      down.set(e.pointerId, e);
    });
    const up = (e: PointerEvent): void => {
      if (down.delete(e.pointerId) && e.type === "pointerup" && moved < 5 && down.size === 0) this.press(e);
    };
    c.addEventListener("pointerup", up);
    c.addEventListener("pointercancel", up);
  }

  private press(e: PointerEvent): void {
    const r = this.canvas.getBoundingClientRect();
    const v = this.view;
    const x = (e.clientX - r.left - v.x) / v.k;
    const y = (e.clientY - r.top - v.y) / v.k;
    const n = this.g.nodeAt(x, y, 12 / v.k);
    if (n >= 0) return this.choose("focus", n);
    const l = this.g.linkAt(x, y, 6 / v.k);
    if (l >= 0) return this.choose("link", l);
    const b = v.k < 0.15 ? this.g.blockAt(x, y) : "";
    if (b) location.assign(b);
    else this.close();
  }

  // choose marks a node or a link, tells of it, and asks the server what is known.
  private choose(what: "focus" | "link", i: number): void {
    const v = this.view;
    v.node = what === "focus" ? i : -1;
    v.link = what === "link" ? i : -1;
    if (what === "focus") v.cursor = i;
    this.say((what === "focus" ? this.g.nodes[i]?.name : this.g.links[i]?.name) ?? "");
    this.later();
    void this.panel(what, (what === "focus" ? this.g.nodes[i]?.id : this.g.links[i]?.key) ?? "");
  }

  private async panel(what: string, id: string): Promise<void> {
    const q = new URLSearchParams(location.search);
    q.delete("focus");
    q.delete("link");
    q.set(what, id);
    const turn = ++this.asked;
    const answer = await fetch(`/topology/panel?${q}`);
    if (!answer.ok || turn !== this.asked) return;
    const doc = new DOMParser().parseFromString(await answer.text(), "text/html");
    const side = this.root.querySelector<HTMLElement>("[data-panel]");
    if (!side) return;
    side.replaceChildren(...doc.body.childNodes);
    side.hidden = false;
    this.root.classList.remove("no-panel");
    history.replaceState(null, "", `/topology?${q}`);
  }

  private close(): void {
    const side = this.root.querySelector<HTMLElement>("[data-panel]");
    this.asked++;
    this.view.node = this.view.link = -1;
    if (side && !side.hidden) {
      side.hidden = true;
      side.replaceChildren();
      this.root.classList.add("no-panel");
      const q = new URLSearchParams(location.search);
      q.delete("focus");
      q.delete("link");
      history.replaceState(null, "", q.size ? `/topology?${q}` : "/topology");
    }
    this.later();
  }

  private say(text: string): void {
    const p = this.root.querySelector<HTMLElement>("[data-map-says]");
    if (p) p.textContent = text;
  }

  private keys(): void {
    const ways: Record<string, [number, number]> = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
    this.canvas.addEventListener("keydown", (e) => {
      if (e.ctrlKey || e.metaKey || e.altKey) return;
      const way = ways[e.key];
      if (way) {
        e.preventDefault();
        this.step(way);
        return;
      }
      switch (e.key) {
        case "Enter": if (this.view.cursor >= 0) this.choose("focus", this.view.cursor); break;
        case "+": case "=": this.zoom(1.25); break;
        case "-": this.zoom(0.8); break;
        case "0": this.fit(); break;
        case "Escape": this.close(); break;
        default: return;
      }
      e.preventDefault();
    });
    this.canvas.addEventListener("focus", () => {
      if (this.view.cursor < 0) this.step([0, 0]);
    });
  }

  // step goes to the neighbour that lies best in a direction: first along links, else anywhere.
  private step([dx, dy]: [number, number]): void {
    const at = this.g.nodes[this.view.cursor];
    let best = this.g.first;
    if (at) {
      best = -1;
      let score = Infinity;
      const near = this.g.near[this.view.cursor] ?? [];
      for (const pool of [near, this.g.drawn]) {
        for (const i of pool) {
          const n = this.g.nodes[i];
          if (!n || i === this.view.cursor) continue;
          const along = (n.x - at.x) * dx + (n.y - at.y) * dy;
          const aside = Math.abs((n.x - at.x) * dy - (n.y - at.y) * dx);
          if (along <= 0 || (pool !== near && aside > along)) continue;
          if (along + 2 * aside < score) { score = along + 2 * aside; best = i; }
        }
        if (best >= 0) break;
      }
    }
    if (best < 0) return;
    this.view.cursor = best;
    this.say(this.g.nodes[best]?.name ?? "");
    this.show(best);
  }

  private tools(): void {
    this.root.addEventListener("click", (e) => {
      const el = e.target as Element;
      const by = el.closest<HTMLElement>("[data-zoom]")?.dataset["zoom"];
      if (by === "+") this.zoom(1.25);
      else if (by === "-") this.zoom(0.8);
      else if (by === "0") this.fit();
      if (e.ctrlKey || e.metaKey || e.shiftKey) return;
      if (el.closest("[data-close]")) {
        e.preventDefault();
        this.close();
        this.canvas.focus();
      }
      const link = el.closest<HTMLAnchorElement>("a[data-choose]");
      if (!link) return;
      const q = new URL(link.href).searchParams;
      const l = this.g.byKey.get(q.get("link") ?? "");
      const n = this.g.byId.get(q.get("focus") ?? "");
      if (l === undefined && n === undefined) return;
      e.preventDefault();
      if (l !== undefined) this.choose("link", l);
      else if (n !== undefined) this.choose("focus", n);
    });
    const find = this.root.querySelector<HTMLInputElement>("[data-map-find]");
    find?.addEventListener("input", () => {
      const text = find.value.trim().toLowerCase();
      const hits = text ? this.g.drawn.filter((i) => this.g.nodes[i]?.search.includes(text)) : [];
      this.view.found = new Set(hits);
      const first = hits[0];
      if (first !== undefined) { this.view.cursor = first; this.show(first); }
      this.later();
    });
    find?.addEventListener("keydown", (e) => {
      if (e.key === "Enter" && this.view.found.size) { e.preventDefault(); this.choose("focus", this.view.cursor); }
    });
  }
}
