"use strict";
// The list of conversations: filters, search, sorting, pages. Its state lives in the address.
const el = (name, attributes, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "on") for (const [event, act] of Object.entries(value)) made.addEventListener(event, act);
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false));
  return made;
};
const plural = (n, word) => `${n.toLocaleString("en")} ${word}${n === 1 ? "" : "s"}`;
const whole = (score) => (score === null || score === undefined ? "–" : score.toFixed(0));

const List = (() => {
  const index = JSON.parse(document.getElementById("data-index").textContent);
  const behaviour = new Map(index.behaviours.map(([id], i) => [id, i]));
  const rows = index.rows.map((r, at) => ({
    at, id: r[0], agents: r[1].map((a) => index.agents[a]), started: r[2], score: r[3], failed: r[4] === 1, turns: r[5],
    open: r[6], opening: r[7], shown: r[8], missed: r[9], breached: r[10],
  }));
  for (const row of rows) row.hay = `${row.id} ${row.agents.join(" ")} ${row.opening}`.toLowerCase();
  const byId = new Map(rows.map((row) => [row.id, row]));
  const size = 50;
  const collator = new Intl.Collator("en", { numeric: true });
  const form = document.getElementById("filters");
  const body = document.querySelector("#list tbody");
  let found = rows;
  let state = {};
  let texts = null; // texts in full, where they are in the page
  const hits = new Map(); // where they are beside it: the rows that hold a word, for the words searched last
  const HITS = 40;

  // As `words.py` cuts texts.
  const tokens = (text) => (text.match(/[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]|(?:(?![\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff])[\p{L}\p{N}])+/gu) || []).map((t) => Array.from(t).slice(0, 40).join(""));
  const find = async (token) => {
    const letters = Array.from(token, (c) => c.codePointAt(0));
    const words = await Store.load(`words-${(31 * letters[0] + (letters[1] || 0)) % index.shards}`);
    const held = new Set();
    for (const [word, steps] of Object.entries(words)) {
      if (word !== token && (letters.length < 2 || !word.startsWith(token))) continue;
      let at = 0;
      for (const step of steps) { at += step; held.add(at); }
    }
    hits.set(token, held);
    while (hits.size > HITS) hits.delete(hits.keys().next().value);
  };
  const asked = (q) => (q || "").toLowerCase().split(/\s+/).filter(Boolean).slice(0, 20);

  const holds = (row, word) => {
    if (row.hay.includes(word)) return true;
    if (!Store.whole()) { const parts = tokens(word); return parts.length > 0 && parts.every((t) => hits.get(t)?.has(row.at)); }
    texts = texts || [];
    if (texts[row.at] === undefined) texts[row.at] = Store.text(row.at).toLowerCase();
    return texts[row.at].includes(word);
  };

  const keeps = (s) => {
    const words = asked(s.q);
    const wanted = s.behaviour ? behaviour.get(s.behaviour) : undefined;
    const outcomes = s.outcome ? [s.outcome] : ["shown", "missed", "breached"];
    const low = s.min === undefined || s.min === "" ? null : Number(s.min);
    const high = s.max === undefined || s.max === "" ? null : Number(s.max);
    return (row) => {
      if (s.behaviour && (wanted === undefined || !outcomes.some((o) => row[o].includes(wanted)))) return false;
      if (!s.behaviour && s.outcome && !(row[s.outcome] || []).length) return false;
      if (s.agent && !row.agents.includes(s.agent)) return false;
      if (s.from && (!row.started || row.started.slice(0, 10) < s.from)) return false;
      if (s.to && (!row.started || row.started.slice(0, 10) > s.to)) return false;
      if (low !== null && (row.score === null || row.score < low)) return false;
      if (high !== null && (row.score === null || row.score > high)) return false;
      if (s.failed && !row.failed) return false;
      if (s.promise && !row.open) return false;
      return !words.length || words.every((w) => holds(row, w));
    };
  };

  const value = { id: (r) => r.id, agent: (r) => r.agents.join(", "), started: (r) => r.started, score: (r) => r.score,
    missed: (r) => r.missed.length, breached: (r) => r.breached.length };

  const order = (list, sort) => {
    if (!sort) return list;
    const back = sort.startsWith("-") ? -1 : 1;
    const of = value[sort.replace("-", "")];
    if (!of) return list;
    return [...list].sort((a, b) => {
      const x = of(a), y = of(b);
      if (x === null || y === null) return (x === null) - (y === null) || a.at - b.at;
      return (typeof x === "number" ? x - y : collator.compare(x, y)) * back || a.at - b.at;
    });
  };

  const address = (s) => {
    const kept = Object.entries(s).filter(([, v]) => v !== "" && v !== undefined && !(v === 1));
    return "#/conversations" + (kept.length ? "?" + new URLSearchParams(kept) : "");
  };
  const link = (id, turn) => `#/conversation/${encodeURIComponent(id)}${turn === undefined ? "" : `/${turn}`}`;

  const draw = () => {
    const pages = Math.max(1, Math.ceil(found.length / size));
    const page = Math.min(pages, Math.max(1, Number(state.page) || 1));
    document.getElementById("found").textContent =
      found.length === rows.length ? plural(rows.length, "conversation") : `${found.length.toLocaleString("en")} of ${plural(rows.length, "conversation")}`;
    body.replaceChildren(...found.slice((page - 1) * size, page * size).map((row) =>
      el("tr", {},
        el("th", { scope: "row" }, el("a", { href: link(row.id) }, row.id), el("span", { class: "opening", dir: "auto" }, row.opening)),
        el("td", {}, row.agents.join(", ") || "–"),
        el("td", { class: "date" }, row.started ? [row.started.slice(0, 10), el("span", { class: "time" }, row.started.slice(10))] : "–"),
        el("td", { class: "num" }, row.failed ? [el("span", { class: "breached-word" }, "✕ failed")] : whole(row.score)),
        el("td", { class: "num" }, String(row.missed.length)),
        el("td", { class: "num" }, String(row.breached.length)))));
    if (!found.length) body.append(el("tr", {}, el("td", { colspan: "6", class: "empty" }, "Nothing fits these filters.")));
    document.getElementById("page").textContent = `Page ${page} of ${pages}`;
    document.getElementById("previous").disabled = page <= 1;
    document.getElementById("next").disabled = page >= pages;
    for (const head of document.querySelectorAll("#list th[data-key]")) {
      const key = head.dataset.key;
      const way = state.sort === key ? "ascending" : state.sort === `-${key}` ? "descending" : null;
      if (way) head.setAttribute("aria-sort", way); else head.removeAttribute("aria-sort");
    }
    state.page = page;
  };

  const show = (query) => {
    state = Object.fromEntries(new URLSearchParams(query));
    for (const field of form.elements) {
      if (!field.name) continue;
      if (field.type === "checkbox") field.checked = state[field.name] === field.value;
      else if (field !== document.activeElement) field.value = state[field.name] || "";
    }
    const filtered = () => { found = order(rows.filter(keeps(state)), state.sort); draw(); };
    const missing = Store.whole() ? [] : [...new Set(asked(state.q).flatMap(tokens))].filter((t) => !hits.has(t));
    if (!missing.length) { filtered(); return; }
    const mine = state;
    document.getElementById("found").textContent = "Searching …";
    Promise.all(missing.map(find)).then(
      () => { if (state === mine) filtered(); },
      (error) => { if (state === mine) { filtered(); document.getElementById("found").textContent += `. ${error.message}`; } });
  };

  const go = (changes) => {
    const next = { ...state, page: 1, ...changes };
    history.replaceState(null, "", address(next));
    show(location.hash.split("?")[1] || "");
  };
  const filled = () => Object.fromEntries([...form.elements].filter((f) => f.name).map((f) => [f.name, f.type === "checkbox" ? (f.checked ? f.value : "") : f.value]));

  let waiting = null;
  form.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(() => go(filled()), rows.length > 5000 ? 120 : 40); });
  form.addEventListener("submit", (event) => { event.preventDefault(); go(filled()); });
  form.addEventListener("reset", () => setTimeout(() => go(filled()), 0));
  document.getElementById("previous").addEventListener("click", () => { go({ page: state.page - 1 }); scrollTo(0, 0); });
  document.getElementById("next").addEventListener("click", () => { go({ page: state.page + 1 }); scrollTo(0, 0); });
  for (const head of document.querySelectorAll("#list th[data-key]")) {
    const key = head.dataset.key;
    const first = ["score", "id", "agent"].includes(key) ? key : `-${key}`;
    const other = first === key ? `-${key}` : key;
    const button = el("button", { type: "button", on: { click: () => go({ sort: state.sort === first ? other : first }) } }, head.textContent);
    head.replaceChildren(button);
  }
  return { rows, byId, show, link, address: () => address(state), neighbours: (row) => { const i = found.indexOf(row); return i < 0 ? [null, null] : [found[i - 1], found[i + 1]]; }, folder: index.folder, chunk: index.chunk };
})();
