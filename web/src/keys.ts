// Keyboard shortcuts. Each has a visible link or button too; none works while typing.
const go: Record<string, string> = {
  o: "/", i: "/devices", t: "/topology", c: "/changes", s: "/discovery",
};

function typing(e: KeyboardEvent): boolean {
  const t = e.target as HTMLElement;
  return t.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(t.tagName);
}

function stops(): HTMLElement[] {
  const hunks = document.querySelectorAll<HTMLElement>("[data-hunk]");
  return [...(hunks.length ? hunks : document.querySelectorAll<HTMLElement>("[data-rows] tbody th a"))];
}

function step(by: number): void {
  const all = stops();
  const at = all.findIndex((el) => el === document.activeElement);
  const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by];
  next?.focus();
  next?.scrollIntoView({ block: "center" });
}

function press(selector: string): boolean {
  const el = document.querySelector<HTMLElement>(selector);
  el?.click();
  return el !== null;
}

export function keys(): void {
  let prefix = 0;
  document.addEventListener("click", (e) => {
    const by = (e.target as Element).closest<HTMLElement>("[data-step]")?.dataset["step"];
    if (by) step(Number(by));
  });
  document.addEventListener("keydown", (e) => {
    if (e.key === "Escape") document.querySelector<HTMLElement>("details.menu[open]")?.removeAttribute("open");
    if (typing(e) || e.ctrlKey || e.metaKey || e.altKey) return;
    const afterG = prefix > 0 && e.timeStamp - prefix < 1500;
    prefix = 0;
    const path = go[e.key];
    if (afterG && path) {
      if (document.querySelector(`nav.side a[href="${path}"]`)) location.assign(path);
      return;
    }
    switch (e.key) {
      case "g": prefix = e.timeStamp; break;
      case "/": {
        const box = document.querySelector<HTMLElement>("[data-filter], [data-find]");
        if (box) { e.preventDefault(); box.focus(); }
        break;
      }
      case "j": step(1); break;
      case "k": step(-1); break;
      case "[": press("[data-older]"); break;
      case "]": press("[data-newer]"); break;
      case "a": {
        const why = document.querySelector<HTMLElement>("[data-approve]");
        if (why) { e.preventDefault(); why.focus(); }
        break;
      }
      case "?": location.assign("/help/keys"); break;
    }
  });
}
