// What the server tells of a map, made quick to ask: which node or link is at a point, who is next to whom.
export interface Data {
  width: number;
  height: number;
  nodes: [string, number, number, string, string, string, number, string, number, number, string, string][];
  links: [number, number, number, string, string, string, number, string, string, string, number[], string][];
  blocks: [number, number, number, number, string, string, string][];
  glyphs: Record<string, string>;
}

export interface Node { id: string; x: number; y: number; state: string; block: number; label: string; fold: number; count: number; name: string; glyph: string; tier: string; search: string }
export interface Link { from: number; to: number; state: string; ports: string; key: string; path: number[]; name: string }
export interface Block { x: number; y: number; w: number; h: number; title: string; sub: string; href: string }

export interface Graph {
  width: number;
  height: number;
  nodes: Node[];
  links: Link[];
  blocks: Block[];
  glyphs: Map<string, Path2D>;
  drawn: number[];
  near: number[][];
  first: number;
  byId: Map<string, number>;
  byKey: Map<string, number>;
  nodeAt(x: number, y: number, slack: number): number;
  linkAt(x: number, y: number, slack: number): number;
  blockAt(x: number, y: number): string;
}

const cell = 64;
// As the server's layout has it: a counted node is as wide as its glyph and its words.
export const half = (n: Node): number => (n.count > 0 ? Math.floor((n.label.length * 7 + 46) / 2) : 15);

export function graph(d: Data): Graph {
  const nodes = d.nodes.map(([id, x, y, , tier, state, block, label, fold, count, name, glyph]): Node => ({ id, x, y, tier, state, block, label, fold, count, name, glyph, search: label.toLowerCase() }));
  for (const n of nodes) {
    const into = nodes[n.fold];
    if (into) into.search += " " + n.label.toLowerCase(); // a counted node is found by any name in it
  }
  const stands = (i: number): number => { const f = nodes[i]?.fold ?? -1; return f >= 0 ? f : i; };
  const links = d.links.map(([a, b, , , state, , , pa, pb, key, path, name]): Link => {
    const [p, q] = [nodes[a]!, nodes[b]!];
    const turned = q.y < p.y || (q.y === p.y && q.x < p.x); // ports are read from above and from the left
    return { from: stands(a), to: stands(b), state, ports: (turned ? [pb, pa] : [pa, pb]).filter(Boolean).join(" – "), key, path, name };
  });
  const near: number[][] = nodes.map(() => []);
  for (const { from: a, to: b } of links) {
    if (!near[a]?.includes(b)) near[a]?.push(b);
    if (!near[b]?.includes(a)) near[b]?.push(a);
  }
  const drawn = nodes.flatMap((n, i) => (n.fold < 0 ? [i] : []));
  const grid = new Map<string, number[]>();
  for (const i of drawn) {
    const n = nodes[i]!;
    for (let gx = Math.floor((n.x - half(n)) / cell); gx <= Math.floor((n.x + half(n)) / cell); gx++) {
      for (let gy = Math.floor((n.y - 15) / cell); gy <= Math.floor((n.y + 15) / cell); gy++) {
        const key = `${gx} ${gy}`;
        const at = grid.get(key);
        if (at) at.push(i);
        else grid.set(key, [i]);
      }
    }
  }
  const glyphs = new Map(Object.entries(d.glyphs).map(([k, p]) => [k, new Path2D(p)]));
  const blocks = d.blocks.map(([x, y, w, h, title, sub, href]): Block => ({ x, y, w, h, title, sub, href }));
  const top = drawn.reduce((a, i) => (a < 0 || nodes[i]!.y < nodes[a]!.y || (nodes[i]!.y === nodes[a]!.y && nodes[i]!.x < nodes[a]!.x) ? i : a), -1);
  return {
    width: d.width, height: d.height, nodes, links, blocks, glyphs, drawn, near, first: top,
    byId: new Map(nodes.map((n, i) => [n.id, n.fold >= 0 ? n.fold : i])),
    byKey: new Map(links.map((l, i) => [l.key, i])),
    nodeAt(x, y, slack) {
      let best = -1;
      let least = Infinity;
      const reach = Math.min(Math.ceil(slack / cell), 6);
      for (let gx = Math.floor(x / cell) - reach; gx <= Math.floor(x / cell) + reach; gx++) {
        for (let gy = Math.floor(y / cell) - reach; gy <= Math.floor(y / cell) + reach; gy++) {
          for (const i of grid.get(`${gx} ${gy}`) ?? []) {
            const n = nodes[i]!;
            const far = Math.max(Math.abs(x - n.x) - half(n), Math.abs(y - n.y) - 15);
            if (far < slack && far < least) { least = far; best = i; }
          }
        }
      }
      return best;
    },
    linkAt(x, y, slack) {
      let best = -1;
      let least = slack;
      links.forEach((l, i) => {
        const far = distance(l.path, x, y, least);
        if (far < least) { least = far; best = i; }
      });
      return best;
    },
    blockAt(x, y) {
      return blocks.find((b) => x >= b.x && y >= b.y && x <= b.x + b.w && y <= b.y + b.h)?.href ?? "";
    },
  };
}

// distance from a point to a chain of curves, each taken as eight straight pieces.
function distance(p: number[], x: number, y: number, enough: number): number {
  let least = Infinity;
  for (let i = 0; i + 7 < p.length; i += 6) {
    const [x0, y0, x1, y1, x2, y2, x3, y3] = p.slice(i, i + 8) as [number, number, number, number, number, number, number, number];
    if (x < Math.min(x0, x1, x2, x3) - enough || x > Math.max(x0, x1, x2, x3) + enough || y < Math.min(y0, y1, y2, y3) - enough || y > Math.max(y0, y1, y2, y3) + enough) continue;
    let px = x0;
    let py = y0;
    for (let n = 1; n <= 8; n++) {
      const t = n / 8;
      const s = 1 - t;
      const qx = s * s * s * x0 + 3 * s * s * t * x1 + 3 * s * t * t * x2 + t * t * t * x3;
      const qy = s * s * s * y0 + 3 * s * s * t * y1 + 3 * s * t * t * y2 + t * t * t * y3;
      const dx = qx - px;
      const dy = qy - py;
      const u = Math.min(Math.max(((x - px) * dx + (y - py) * dy) / (dx * dx + dy * dy || 1), 0), 1);
      least = Math.min(least, Math.hypot(x - px - u * dx, y - py - u * dy));
      px = qx;
      py = qy;
    }
  }
  return least;
}
