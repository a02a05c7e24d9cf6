// Live pages: one stream a tab tells which counters moved; htmx then asks for the fragment, which goes
// through the same query as the page. Lost for 5 s: say so and ask every 15 s instead.
function inUse(el: Element): boolean {
  const at = document.activeElement;
  return (at !== null && at !== document.body && el.contains(at)) || el.querySelector("input[type=checkbox]:checked") !== null;
}

export function live(): void {
  const root = document.querySelector<HTMLElement>("[data-live]");
  if (!root) return;
  const topics = root.dataset["live"] ?? "";
  const state = document.querySelector<HTMLElement>("[data-live-state]");
  let due = 0;
  let poll = 0;
  let lost = 0;

  const refresh = (): void => {
    if (due) return;
    due = window.setTimeout(() => {
      due = 0;
      const all = [...document.querySelectorAll("[data-on-live]")];
      // What a person is in the middle of is not moved under the hand.
      if (all.some(inUse)) return later();
      for (const el of all) el.dispatchEvent(new Event("live"));
    }, 500);
  };
  const later = (): void => {
    due = window.setTimeout(() => {
      due = 0;
      refresh();
    }, 2_000);
  };
  const fine = (): void => {
    clearTimeout(lost);
    clearInterval(poll);
    lost = poll = 0;
    if (state) state.hidden = true;
  };
  const paused = (): void => {
    if (lost || poll) return;
    lost = window.setTimeout(() => {
      lost = 0;
      if (state) state.hidden = false;
      poll = window.setInterval(refresh, 15_000);
    }, 5_000);
  };

  const stream = new EventSource(`/events?topics=${encodeURIComponent(topics)}`);
  stream.onopen = () => {
    if (poll) refresh();
    fine();
  };
  stream.onerror = () => {
    if (stream.readyState === EventSource.CLOSED && state) state.hidden = false;
    paused();
  };
  for (const t of [...topics.split(","), "gap"]) stream.addEventListener(t, refresh);
  window.addEventListener("pagehide", () => stream.close());
}
