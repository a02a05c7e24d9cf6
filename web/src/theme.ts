// The theme button: automatic, light, dark. The server reads the cookie, so the first paint is right;
// the form works without script too.
const order = ["auto", "light", "dark"];

export function theme(): void {
  document.addEventListener("submit", (e) => {
    const form = e.target as HTMLFormElement;
    if (!form.matches("[data-theme-form]")) return;
    e.preventDefault();
    const root = document.documentElement;
    const now = root.dataset["theme"] ?? "auto";
    const next = order[(order.indexOf(now) + 1) % order.length] ?? "auto";
    if (next === "auto") delete root.dataset["theme"];
    else root.dataset["theme"] = next;
    const year = 365 * 24 * 3600;
    const secure = location.protocol === "https:" ? ";Secure" : "";
    document.cookie = `plumbline_theme=${next};Path=/;Max-Age=${year};SameSite=Strict${secure}`;
    const button = form.querySelector("button");
    const name = button?.dataset[next];
    if (button && name) {
      button.setAttribute("aria-label", name);
      button.title = name;
    }
    const field = form.querySelector<HTMLInputElement>("input[name=theme]");
    if (field) field.value = order[(order.indexOf(next) + 1) % order.length] ?? "auto";
  });
}
