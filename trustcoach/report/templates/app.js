// Which page is shown: #/ , #/conversations?…, #/conversation/ID/TURN, #/agent/NAME. Also sorting of tables, theme and printing.
(() => {
  const views = [...document.querySelectorAll(".view")];
  const agents = new Map(views.filter((v) => v.dataset.agent !== undefined).map((v) => [v.dataset.agent, v]));
  const part = (text) => { try { return decodeURIComponent(text || ""); } catch { return text; } };
  let started = false;

  const route = async () => {
    if (location.hash && !location.hash.startsWith("#/")) return;
    const [path, query] = (location.hash.slice(2) || "").split("?");
    const [name, first, second] = path.split("/");
    let view = document.getElementById("view-overview");
    if (name === "conversations") { view = document.getElementById("view-conversations"); List.show(query || ""); }
    if (name === "conversation") view = document.getElementById("view-conversation");
    if (name === "agent" && agents.has(part(first))) view = agents.get(part(first));
    const moved = view.hidden;
    if (name === "conversation") await Conversation.show(part(first), second);
    for (const v of views) v.hidden = v !== view;
    for (const link of document.querySelectorAll(".top nav a")) {
      const here = link.getAttribute("href") === (name === "conversations" || name === "conversation" ? "#/conversations" : "#/");
      if (here) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
    }
    const title = view.querySelector("h1");
    document.title = `${title ? title.innerText.replace(/\s+/g, " ") : "Trust report"} · trustcoach`;
    if (name === "conversation" && second !== undefined) {
      const turn = document.getElementById(`turn-${second}`);
      if (turn) { turn.scrollIntoView({ block: "center" }); turn.focus({ preventScroll: true }); }
    } else if (started && (moved || name === "conversation")) {
      scrollTo(0, 0);
      if (title) { title.tabIndex = -1; title.focus({ preventScroll: true }); }
    }
    started = true;
    document.documentElement.dataset.ready = "yes";
  };
  addEventListener("hashchange", route);

  document.querySelector(".skip").addEventListener("click", (event) => { event.preventDefault(); document.getElementById("main").focus(); });

  for (const table of document.querySelectorAll("table.sortable")) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      if (head.classList.contains("wide")) return;
      const sort = () => {
        const up = head.getAttribute("aria-sort") === "descending" || (column === 0 && head.getAttribute("aria-sort") !== "ascending");
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        const value = (row) => { const cell = row.cells[column]; const given = cell.dataset.v ?? cell.textContent.trim(); const n = Number(given.replace(/[,%\s]/g, "")); return Number.isNaN(n) || column === 0 ? given : n; };
        const rows = [...table.tBodies[0].rows].map((row, i) => ({ row, i, v: value(row) }));
        rows.sort((a, b) => (typeof a.v === "number" && typeof b.v === "number" ? a.v - b.v : String(a.v).localeCompare(String(b.v), "en", { numeric: true })) * (up ? 1 : -1) || a.i - b.i);
        table.tBodies[0].append(...rows.map((r) => r.row));
      };
      head.replaceChildren(el("button", { type: "button", on: { click: sort } }, head.textContent));
    });
  }

  const theme = document.getElementById("theme");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (document.documentElement.dataset.theme || (dark.matches ? "dark" : "light")) === "dark";
  const label = () => { theme.textContent = isDark() ? "Light" : "Dark"; theme.setAttribute("aria-label", `Switch to ${isDark() ? "light" : "dark"} colours`); };
  theme.hidden = false;
  theme.addEventListener("click", () => { document.documentElement.dataset.theme = isDark() ? "light" : "dark"; label(); });
  dark.addEventListener("change", label);
  label();

  // On paper all advice and all numbers are open.
  addEventListener("beforeprint", () => { for (const d of document.querySelectorAll(".view:not([hidden]) details:not([open], .cue, .idea)")) { d.open = true; d.dataset.printed = ""; } });
  addEventListener("afterprint", () => { for (const d of document.querySelectorAll("details[data-printed]")) { d.open = false; delete d.dataset.printed; } });

  route();
})();
