// The page of one conversation. Everything from transcripts is set as text, never as markup.
const Store = (() => {
  const inline = document.getElementById("data-chunk");
  const KEEP = 12;
  const loaded = new Map();
  const waiting = new Map();
  const unpack = (chunk) => {
    const s = (i) => (i === null || i === undefined ? null : chunk.strings[i]);
    return chunk.pages.map((page) => ({ ...page, turns: () => page.turns.map((t) => ({
      n: t[0], role: s(t[1]), who: s(t[2]), time: t[3], text: t[4],
      marks: (t[5] || []).map((m, i) => ({ i, start: m[0], end: m[1], kind: s(m[2]), title: s(m[3]), what: s(m[4]), subtype: s(m[5]), found: m[6].map((f) => ({ by: s(f[0]), what: s(f[1]), sure: f[2] })) })),
      score: t[6] === undefined ? null : t[6], before: t[7], failed: (t[8] || []).map(s),
      verdicts: (t[9] || []).map((v) => ({ title: s(v[0]), outcome: s(v[1]), reason: s(v[2]), turn: v[3], cue: s(v[4]), critical: v[5] === 1, marks: v[6], advice: s(v[7]), why: s(v[8]), wording: v[9].map(s) })),
      ideas: (t[10] || []).map((i) => ({ title: s(i[0]), advice: s(i[1]), wording: i[2].map(s) })),
    })), text: () => page.turns.map((t) => t[4]).join("\n") }));
  };
  // Files beside the page hand over their data as they are loaded; the last few are kept.
  window.trustcoachData = (name, data) => { loaded.set(name, data); while (loaded.size > KEEP) loaded.delete(loaded.keys().next().value); };
  const load = (name) => {
    if (loaded.has(name)) { const data = loaded.get(name); loaded.delete(name); loaded.set(name, data); return Promise.resolve(data); }
    if (!waiting.has(name)) {
      waiting.set(name, new Promise((done, failed) => {
        const script = document.createElement("script");
        script.src = `${encodeURIComponent(List.folder)}/${name}.js`;
        script.onload = () => { script.remove(); done(loaded.get(name)); };
        script.onerror = () => { script.remove(); failed(new Error(`${List.folder}/${name}.js is missing. Keep the folder ${List.folder} beside this file.`)); };
        document.head.append(script);
      }).finally(() => waiting.delete(name)));
    }
    return waiting.get(name);
  };
  let all = null;
  const whole = () => { all = all || unpack(JSON.parse(inline.textContent)); return all; };
  const page = async (at) => (inline ? whole()[at] : unpack(await load(String(Math.floor(at / List.chunk))))[at % List.chunk]);
  return { page, load, loaded: () => [...loaded.keys()], whole: () => inline !== null, text: (at) => whole()[at].text() };
})();

const Conversation = (() => {
  const view = document.getElementById("view-conversation");
  const sign = { shown: "✓", missed: "○", breached: "✕" };
  const STEP = 200;

  // Cut a text where marks begin and end; a mark keeps its own line below the words, so that overlapping ones can be told apart.
  const pieces = (text, marks) => {
    if (!marks.length) return [text];
    const points = Array.from(text);
    marks = joined(marks);
    const lanes = [];
    const lane = new Map();
    for (const m of marks) {
      let l = lanes.findIndex((end) => end <= m.start);
      if (l < 0) l = lanes.length;
      lanes[l] = m.end;
      lane.set(m, Math.min(l, 3));
    }
    const cuts = [...new Set([0, points.length, ...marks.flatMap((m) => [m.start, m.end])])].sort((a, b) => a - b);
    const made = [];
    for (let i = 0; i + 1 < cuts.length; i += 1) {
      const [from, to] = [cuts[i], cuts[i + 1]];
      const here = marks.filter((m) => m.start <= from && m.end >= to).sort((a, b) => lane.get(b) - lane.get(a));
      let node = document.createTextNode(points.slice(from, to).join(""));
      for (const m of here) {
        node = el("mark", { class: `${m.kind === "breach" ? "breached" : m.kind} lane${lane.get(m)}`, "data-marks": m.all.join(" ") }, node);
      }
      made.push(node);
    }
    return made;
  };

  // Stretches of the same cue that overlap are drawn as one.
  const joined = (marks) => {
    const made = [];
    for (const m of [...marks].sort((a, b) => a.start - b.start || b.end - a.end)) {
      const same = made.find((x) => x.title === m.title && x.kind === m.kind && x.end >= m.start);
      if (same) { same.end = Math.max(same.end, m.end); same.all.push(m.i); } else made.push({ ...m, all: [m.i] });
    }
    return made;
  };

  const words = (turn, mark) => Array.from(turn.text).slice(mark.start, mark.end).join("");
  const foundBy = (f) => f.by === "model" ? [`the model, by the words `, el("code", {}, f.what), ` (${Math.round(f.sure * 100)} % sure)`]
    : f.by === "judge" ? ["the order of the turns: ", el("code", {}, f.what)] : ["rule ", el("code", {}, f.what)];
  const evidence = (turn, marks) => el("ul", { class: "evidence" }, marks.map((m) =>
    el("li", {}, el("q", { dir: "auto" }, words(turn, m)), el("span", { class: "muted" }, " found by ", m.found.map((f, i) => [i ? ", " : "", ...foundBy(f)])))));

  const lit = (item, indexes, on) => {
    for (const m of item.querySelectorAll("mark")) m.classList.toggle("lit", on && m.dataset.marks.split(" ").some((i) => indexes.includes(Number(i))));
  };
  const lights = (node, indexes) => {
    for (const [event, on] of [["pointerenter", true], ["pointerleave", false], ["focusin", true], ["focusout", false]]) {
      node.addEventListener(event, () => lit(node.closest(".turn"), indexes, on));
    }
    return node;
  };

  const because = (v, id) => {
    const reason = v.reason.charAt(0).toUpperCase() + v.reason.slice(1);
    return el("p", { class: "reason" }, v.outcome === "breached" ? "Breached here" : reason,
      v.turn === null ? null : [" (", el("a", { href: List.link(id, v.turn) }, `turn ${v.turn}`), v.cue ? `: ${v.cue.toLowerCase()}` : "", ")"], ".");
  };

  const verdictNode = (turn, v, id, open) => {
    const marks = v.marks.map((i) => turn.marks[i]);
    const head = [el("span", { class: `sign ${v.outcome}-word`, "aria-hidden": "true" }, sign[v.outcome]), " ",
      el("span", { class: "grow" }, v.title), v.critical && v.outcome === "breached" ? el("span", { class: "tag strong" }, "critical") : null,
      el("span", { class: `outcome ${v.outcome}-word` }, v.outcome)];
    const node = el("details", { class: `verdict ${v.outcome}`, open },
      el("summary", {}, head),
      because(v, id), marks.length ? evidence(turn, marks) : null,
      v.advice ? el("p", { class: "advice-text" }, v.advice) : null,
      v.why && v.outcome !== "shown" ? el("p", { class: "why" }, v.why) : null,
      v.wording.length ? el("div", { class: "wording" }, el("p", { class: "try" }, "For example:"), el("ul", {}, v.wording.map((w) => el("li", {}, el("q", {}, w))))) : null);
    return lights(node, v.marks);
  };

  const weight = (v) => (v.outcome === "shown" ? 0 : v.outcome === "missed" ? 1 : v.critical ? 3 : 2);

  const cues = (turn, shown) => {
    const grouped = new Map();
    for (const m of turn.marks) {
      if (shown.has(m.i)) continue;
      const key = `${m.kind} ${m.title} ${m.subtype || ""}`;
      if (!grouped.has(key)) grouped.set(key, []);
      grouped.get(key).push(m);
    }
    if (!grouped.size) return null;
    return el("div", { class: "cues" }, [...grouped.values()].map((marks) => {
      const m = marks[0];
      const name = m.title + (m.subtype ? ` (${m.subtype.replace(/_/g, " ")})` : "");
      return lights(el("details", { class: "cue" }, el("summary", {}, el("span", { class: `swatch ${m.kind}`, "aria-hidden": "true" }), name),
        m.what ? el("p", { class: "reason" }, m.what) : null, evidence(turn, marks)), marks.map((x) => x.i));
    }));
  };

  const turnNode = (turn, id, labels) => {
    const decided = new Set(turn.verdicts.flatMap((v) => v.marks));
    const name = labels[turn.role] || turn.role;
    const who = turn.who && turn.who.toLowerCase() !== turn.role ? turn.who : null;
    const score = turn.failed.length ? [el("span", { class: "breached-word" }, "✕ Failed by a critical breach"), turn.before === null || turn.before === undefined ? "" : ` (before: ${whole(turn.before)})`]
      : turn.score === null ? null : [`Turn score ${whole(turn.score)}`];
    const side = turn.verdicts.length || turn.ideas.length ? el("div", { class: "side" },
      score ? el("p", { class: "turn-score" }, score) : null,
      [...turn.verdicts].sort((a, b) => weight(b) - weight(a)).map((v, i) => verdictNode(turn, v, id, i === 0 && v.outcome !== "shown")),
      turn.ideas.length ? el("details", { class: "verdict idea" }, el("summary", {}, el("span", { class: "sign", "aria-hidden": "true" }, "+"), ` ${plural(turn.ideas.length, "idea")}, without effect on the score`),
        turn.ideas.map((i) => el("div", { class: "wording" }, el("p", {}, i.advice), i.wording.length ? el("ul", {}, i.wording.map((w) => el("li", {}, el("q", {}, w)))) : null))) : null) : null;
    return el("li", { class: `turn ${turn.role}`, id: `turn-${turn.n}`, tabindex: "-1" },
      el("div", { class: "said" },
        el("p", { class: "who" }, el("b", {}, who || name), who ? ` ${name.toLowerCase()}` : "", turn.time ? el("span", { class: "muted" }, ` · ${turn.time}`) : "", " · ",
          el("a", { class: "turn-link", href: List.link(id, turn.n), "aria-label": `Link to turn ${turn.n}` }, `turn ${turn.n}`)),
        el("div", { class: "bubble" }, el("p", { class: "text", dir: "auto" }, pieces(turn.text, turn.marks))),
        cues(turn, decided)),
      side);
  };

  const promiseTable = (page) => el("section", { class: "block" },
    el("h2", { id: "ledger-title" }, "Promises"),
    el("div", { class: "scroll", tabindex: "0", role: "region", "aria-labelledby": "ledger-title" }, el("table", {},
      el("thead", {}, el("tr", {}, ["Turn", "Promised", "Who acts", "By when", "Fate"].map((h) => el("th", { scope: "col" }, h)))),
      el("tbody", {}, page.promises.map((p) => el("tr", {},
        el("td", {}, el("a", { href: List.link(page.id, p.turn) }, String(p.turn))), el("td", { dir: "auto", class: "say" }, `“${p.sentence}”`), el("td", {}, p.owner),
        el("td", {}, p.deadline || (p.immediate ? "in this conversation" : "–")),
        el("td", {}, `${{ kept: "✓ ", open: "○ ", contradicted: "✕ " }[p.fate] || ""}${p.fate}`, p.settled_turn === null ? "" : [" in ", el("a", { href: List.link(page.id, p.settled_turn) }, `turn ${p.settled_turn}`)])))))));

  const labels = { agent: "Agent", customer: "Customer", bot: "Bot", system: "System", unknown: "Unknown speaker" };
  let current = null;

  const show = async (id, turn) => {
    const row = List.byId.get(id);
    if (!row) { current = null; view.replaceChildren(el("h1", { tabindex: "-1" }, "There is no such conversation"), el("p", {}, el("a", { href: "#/conversations" }, "All conversations"))); return; }
    if (!current || current.id !== id) {
      let page;
      try { page = await Store.page(row.at); } catch (error) {
        view.replaceChildren(el("h1", { tabindex: "-1" }, id), el("p", { class: "notice" }, error.message));
        return;
      }
      current = { id, turns: page.turns(), drawn: 0 };
      const [previous, next] = List.neighbours(row);
      const more = el("p", { class: "more" });
      current.list = el("ol", { class: "chat" });
      current.more = more;
      view.replaceChildren(
        el("header", { class: "head" },
          el("p", { class: "eyebrow" }, el("a", { href: List.address() }, "Conversations")),
          el("h1", { tabindex: "-1", id: "conversation-title" }, id),
          el("p", { class: "lead" }, page.failed_by.length ? [el("strong", { class: "breached-word" }, "✕ Failed"), ` by a critical breach: ${page.failed_by.join("; ")}. Score before: ${whole(page.before_failing)}.`]
            : page.score === null ? "No score: nothing applied." : ["Score ", el("strong", {}, whole(page.score)), " of 100"]),
          el("p", { class: "note" }, page.agents.map((a, i) => [i ? ", " : "", el("a", { href: `#/agent/${encodeURIComponent(a)}` }, a)]), [page.started, page.channel, page.rating ? `rated ${page.rating}` : null, plural(current.turns.length, "turn")].filter(Boolean).map((x) => ` · ${x}`)),
          el("p", { class: "legend" }, el("span", {}, el("mark", { class: "shown" }, "shown")), el("span", {}, el("mark", { class: "breached" }, "breached")), el("span", {}, el("mark", { class: "context" }, "what made something due")), el("span", {}, "○ due and missed"),
            el("button", { type: "button", class: "quiet small", "aria-pressed": "false", on: { click: (event) => {
              const open = event.target.getAttribute("aria-pressed") === "false";
              event.target.setAttribute("aria-pressed", String(open));
              for (const d of view.querySelectorAll(".verdict")) d.open = open;
            } } }, "Open all advice"))),
        current.list, more,
        page.promises.length ? promiseTable(page) : "",
        el("nav", { class: "pager", "aria-label": "Neighbouring conversations" }, previous ? el("a", { href: List.link(previous.id) }, `← ${previous.id}`) : el("span"), next ? el("a", { href: List.link(next.id) }, `${next.id} →`) : el("span")));
    }
    const at = turn === undefined ? -1 : current.turns.findIndex((t) => t.n === Number(turn));
    draw(Math.max(STEP, at + 50));
    if (at >= 0) { const node = document.getElementById(`turn-${turn}`); node.scrollIntoView({ block: "center" }); node.focus({ preventScroll: true }); }
  };

  const draw = (upTo) => {
    const { turns, list, more, id } = current;
    if (current.drawn < Math.min(upTo, turns.length)) {
      list.append(...turns.slice(current.drawn, upTo).map((t) => turnNode(t, id, labels)));
      current.drawn = Math.min(upTo, turns.length);
    }
    const left = turns.length - current.drawn;
    more.replaceChildren(...(left ? [el("button", { type: "button", class: "quiet", on: { click: () => draw(current.drawn + STEP) } }, `Show ${Math.min(STEP, left)} more of ${left.toLocaleString("en")} turns`)] : []));
  };
  return { show };
})();
