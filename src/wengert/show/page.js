"use strict";
const D = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
const V = D.names.length, G = D.graph, H = G.height, STACKED = H > 60, ROW = 26;
const DIGITS = "₀₁₂₃₄₅₆₇₈₉";

/* ── values ── */
function fmt(x) {
  if (x === 0) return "0";
  const a = Math.abs(x);
  let e = Math.floor(Math.log10(a));
  let s = x.toExponential(5), exp = Number(s.slice(s.indexOf("e") + 1));
  if (exp < -4 || exp >= 6) {
    const mantissa = s.slice(0, s.indexOf("e")).replace(/\.?0+$/, "");
    s = mantissa + "e" + (exp < 0 ? "-" : "+") + String(Math.abs(exp)).padStart(2, "0");
  } else {
    s = x.toFixed(Math.max(0, 5 - exp));
    if (s.includes(".")) s = s.replace(/\.?0+$/, "");
  }
  return s.replace(/-/g, "−");
}
const show = (v) => v === null || v === undefined ? "" : typeof v === "number" ? fmt(v) : typeof v === "string" ? v : v.t;
const full = (v) => v === null || v === undefined ? "" : typeof v === "number" ? String(v) : typeof v === "string" ? v : v.y + "  " + v.t;
const esc = (s) => String(s).replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" }[c]));

/* ── what each step sets ── */
const forward = D.forward.steps, reverse = D.reverse.steps;
const adjoints = Array.from({ length: V }, () => []);      /* per vertex: [step, value] as it grows */
reverse.forEach((s, k) => s[5].forEach(([v, x]) => { adjoints[v].push([V + k, x]); }));
const firstAdjoint = adjoints.map((a) => a.length ? a[0][0] : -1);
const lastAdjoint = adjoints.map((a) => a.length ? a[a.length - 1][0] : -1);

let mode = D.mode, step = 0, playing = 0, matches = [], query = "";
const total = () => mode === "forward" ? V : V + reverse.length;

function lastAt(list, s) {                                  /* the last entry with entry[0] <= s */
  let lo = 0, hi = list.length;
  while (lo < hi) { const mid = (lo + hi) >> 1; if (list[mid][0] <= s) lo = mid + 1; else hi = mid; }
  return lo ? list[lo - 1][1] : null;
}
const knowsPrimal = (v) => v <= step;
function derivative(v) {
  if (mode === "forward") return v <= step ? forward[v][2] ?? (forward[v][0] ? 0 : null) : null;
  return step < V ? null : lastAt(adjoints[v], step);
}
/* the vertex that a step is about, and where it comes from */
function subject(s = step) { return mode === "forward" || s < V ? s : reverse[s - V][4]; }
const within = (g) => { const at = iteration(g, subject()); return at >= 0 ? at : iteration(g, origin()); };
function origin(s = step) { return mode === "reverse" && s >= V ? reverse[s - V][3] : s; }

/* ── nodes of the graph: a node has one vertex, or those of all iterations ── */
const nodeOf = new Int32Array(V);
G.nodes.forEach((n, k) => n[1].forEach((v) => { nodeOf[v] = k; }));
function memberAt(node, cursor) {                           /* the iteration that is on view */
  const m = G.nodes[node][1];
  if (m.length === 1) return m[0];
  let lo = 0, hi = m.length;
  if (mode === "forward" || step < V) {
    while (lo < hi) { const mid = (lo + hi) >> 1; if (m[mid] <= cursor) lo = mid + 1; else hi = mid; }
    return m[Math.max(0, lo - 1)];
  }
  while (lo < hi) { const mid = (lo + hi) >> 1; if (m[mid] < cursor) lo = mid + 1; else hi = mid; }
  return m[Math.min(m.length - 1, lo)];
}
const edgesOf = G.nodes.map(() => []);
G.edges.forEach((e, k) => { edgesOf[e[0]].push(k); if (e[1] !== e[0]) edgesOf[e[1]].push(k); });

/* ── view ── */
const svg = $("graph");
const view = { x: 0, y: 0, k: 1 };
const stage = () => svg.getBoundingClientRect();
function fit() {
  const r = stage(), [w, h] = G.size;
  view.k = Math.min(1.25, (r.width - 60) / Math.max(w, 1), (r.height - 110) / Math.max(h, 1));
  view.k = Math.max(view.k, 0.002);
  view.x = (r.width - w * view.k) / 2;
  view.y = 40 + (r.height - 40 - h * view.k) / 2;
}
function home() { fit(); if (view.k < 0.55) { view.k = 0.85; follow(true); } }
function zoom(f, cx, cy) {
  const r = stage();
  cx ??= r.width / 2; cy ??= r.height / 2;
  const k = Math.min(3, Math.max(0.002, view.k * f));
  view.x = cx - (cx - view.x) * k / view.k; view.y = cy - (cy - view.y) * k / view.k; view.k = k;
  draw();
}
function follow(force) {
  const r = stage(), a = G.nodes[nodeOf[subject()]], b = G.nodes[nodeOf[origin()]];
  const x0 = Math.min(a[4], b[4]), x1 = Math.max(a[4] + a[6], b[4] + b[6]), y0 = Math.min(a[5], b[5]), y1 = Math.max(a[5], b[5]) + H;
  const inside = (p, q, size, lo, hi) => p * view.k + q >= lo && size * view.k + q <= hi;
  if (!force && inside(x0, view.x, x1, 30, r.width - 30) && inside(y0, view.y, y1, 50, r.height - 20)) return;
  const far = (x1 - x0) * view.k > r.width - 80;
  const cx = far ? a[4] + a[6] / 2 : (x0 + x1) / 2, cy = far ? a[5] + H / 2 : (y0 + y1) / 2;
  view.x = r.width / 2 - cx * view.k;
  view.y = r.height / 2 - cy * view.k;
  const all = G.size[1] * view.k;
  if (all < r.height - 90) view.y = 40 + (r.height - 40 - all) / 2;
}

/* ── drawing ── */
function path(e, nodes) {
  const [s, t, back, stops] = e, a = nodes[s], b = nodes[t];
  let x = a[4] + a[6], y = a[5] + H / 2;
  const tx = b[4], ty = b[5] + H / 2;
  if (s === t) return `M${x - 18},${a[5]} C${x - 8},${a[5] - 34} ${a[4] + 8},${a[5] - 34} ${a[4] + 18},${a[5]}`;
  if (back) {
    const low = Math.min(a[5], b[5]) - 16 - (s === t ? 0 : Math.min(8, (s - t) * 3));
    return `M${x},${y} C${x + 46},${y} ${x + 40},${low} ${x - 10},${low} L${tx + 10},${low} C${tx - 40},${low} ${tx - 46},${ty} ${tx},${ty}`;
  }
  let d = `M${x},${y}`;
  for (const [px, py] of [...stops, [tx, ty]]) {
    const m = Math.max(18, (px - x) / 2);
    d += ` C${x + m},${y} ${px - m},${py} ${px},${py}`;
    x = px; y = py;
  }
  return d;
}
function middle(e) {
  const a = G.nodes[e[0]], b = G.nodes[e[1]];
  if (e[3].length) return e[3][e[3].length >> 1];
  return [(a[4] + a[6] + b[4]) / 2, (a[5] + b[5]) / 2 + H / 2];
}
const clip = (s, n) => s.length > n ? s.slice(0, n - 1) + "…" : s;

function draw() {
  const r = stage(), pad = 80 / view.k;
  const box = [-view.x / view.k - pad, -view.y / view.k - pad, (r.width - view.x) / view.k + pad, (r.height - view.y) / view.k + pad];
  const seen = [], N = G.nodes;
  for (let k = 0; k < N.length; k++) {
    const n = N[k];
    if (n[4] + n[6] >= box[0] && n[4] <= box[2] && n[5] + H >= box[1] && n[5] <= box[3]) seen.push(k);
  }
  const t = `translate(${view.x.toFixed(2)},${view.y.toFixed(2)}) scale(${view.k.toFixed(5)})`;
  svg.innerHTML = `<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="10" markerHeight="10" markerUnits="userSpaceOnUse" orient="auto-start-reverse"><path d="M0,0.6 8,4 0,7.4z" fill="context-stroke"/></marker></defs><g transform="${t}">${seen.length > 700 || view.k < 0.16 ? distant(seen) : near(seen, box)}</g>`;
}
function distant(seen) {
  let d = "";
  for (const k of seen) { const n = G.nodes[k]; d += `M${n[4]},${n[5]}h${n[6]}v${H}h${-n[6]}z`; }
  const here = G.nodes[nodeOf[subject()]];
  const size = Math.max(H, 7 / view.k);
  return `<path class="far" d="${d}"/><rect x="${here[4]}" y="${here[5] + H / 2 - size / 2}" width="${Math.max(here[6], size)}" height="${size}" style="fill:var(--lit-edge)"/>`;
}
function near(seen, box) {
  let out = "";
  for (const g of G.groups) if (g[3][0] <= box[2] && g[3][0] + g[3][2] >= box[0]) out += frame(g);
  const edges = new Set();
  for (const k of seen) for (const e of edgesOf[k]) edges.add(e);
  const active = activeEdges();
  let lit = "";
  for (const k of edges) {
    const e = G.edges[k], on = active.get(k), d = path(e, G.nodes);
    const cls = "edge" + (e[2] ? " loop" : "") + (on ? " " + on[0] : "");
    const tip = on && on[1] ? ' marker-start="url(#tip)"' : ' marker-end="url(#tip)"';
    const item = `<path class="${cls}" d="${d}"${tip}/>`;
    if (on) {
      const [mx, my] = middle(e);
      lit += item + (on[2] ? `<text class="flow" x="${mx}" y="${my - 7}" text-anchor="middle">${esc(on[2])}</text>` : "");
    } else out += item;
  }
  for (const k of seen) out += node(k);
  return out + lit;
}
function frame(g) {
  const [x, y, w, h] = g[3], n = g[1].length;
  const at = within(g);
  const label = `×${n}` + (at >= 0 ? ` · iteration ${at + 1}` : "");
  return `<rect class="frame" x="${x}" y="${y}" width="${w}" height="${h}" rx="14"/><text class="times" x="${x + 14}" y="${y + 20}">${label}</text>`;
}
function iteration(g, v) {
  let lo = 0, hi = g[1].length;
  while (lo < hi) { const mid = (lo + hi) >> 1; if (g[1][mid] <= v) lo = mid + 1; else hi = mid; }
  return lo && v <= g[2][lo - 1] ? lo - 1 : -1;
}
function activeEdges() {
  const on = new Map();
  const mark = (a, b, cls, backwards, label) => {
    for (const k of edgesOf[a]) {
      const e = G.edges[k];
      if (e[0] === a && e[1] === b) on.set(k, [cls, backwards, label]);
    }
  };
  if (mode === "reverse" && step >= V) {
    const s = reverse[step - V];
    mark(nodeOf[s[4]], nodeOf[s[3]], "on", true, typeof s[2] === "number" ? show(s[2]) : "");
  } else {
    for (const from of forward[step][3]) mark(nodeOf[from], nodeOf[step], mode === "forward" ? "on" : "primal", false, "");
  }
  return on;
}
function node(k) {
  const n = G.nodes[k], cursor = mode === "reverse" && step >= V ? origin() : step;
  const main = subject();
  const v = nodeOf[main] === k ? main : memberAt(k, cursor);
  const label = D.kinds[v] === "input" ? D.names[v] : D.kinds[v] === "output" ? `${D.names[v]} = ${D.exprs[v]}` : D.kinds[v] === "guard" ? D.exprs[v] : `${D.names[v]} = ${D.exprs[v]}`;
  const p = knowsPrimal(v) ? show(D.primal[v]) : "", d = show(derivative(v));
  const cls = ["node", n[0]];
  if (nodeOf[main] === k) cls.push("lit");
  if (!knowsPrimal(v)) cls.push("ahead");
  if (query && n[1].length < 2 && isMatch(v)) cls.push("match");
  const room = Math.floor((n[6] - 22) / 7.2), half = p && d && !STACKED ? Math.floor((n[6] - 30) / 14.2) : room;
  return `<g class="${cls.join(" ")}" data-v="${v}" transform="translate(${n[4]},${n[5]})"><title>${esc(label + "\n" + full(D.primal[v]))}</title>` +
    `<rect width="${n[6]}" height="${H}" rx="10"/><text x="${n[6] / 2}" y="24" text-anchor="middle">${esc(clip(label, room + 3))}</text>` +
    `<text class="v" x="13" y="46">${esc(clip(p, half))}</text>` +
    `<text class="d" ${STACKED ? 'x="13" y="65"' : `x="${n[6] - 13}" y="46" text-anchor="end"`}>${esc(clip(d, half))}</text></g>`;
}

/* ── list ── */
const groupsOnTop = G.groups.map((g, k) => k).filter((k) => G.groups[k][0] < 0);
const open = new Set();
let rows = [], rowsFor = "";
function onView(g) {
  const at = within(g), n = g[1].length;
  return at >= 0 ? at : subject() > g[2][n - 1] ? n - 1 : 0;
}
function iterationsShown() {
  return groupsOnTop.map((k) => open.has(k) ? -2 : onView(G.groups[k])).join();
}
function buildRows() {
  rows = [];
  const shown = iterationsShown().split(",").map(Number);
  let v = 0, next = 0;
  while (v < V) {
    const k = groupsOnTop[next], g = k === undefined ? null : G.groups[k];
    if (!g || v < g[1][0]) { rows.push({ v }); v++; continue; }
    rows.push({ group: k, at: shown[next], first: v, last: g[2][g[2].length - 1] });
    if (shown[next] === -2) for (let u = v; u <= g[2][g[2].length - 1]; u++) rows.push({ v: u, inside: true });
    else for (let u = g[1][shown[next]]; u <= g[2][shown[next]]; u++) rows.push({ v: u, inside: true });
    v = g[2][g[2].length - 1] + 1; next++;
  }
}
function list(scroll) {
  const want = iterationsShown();
  if (want !== rowsFor || !rows.length) { buildRows(); rowsFor = want; $("tall").style.height = rows.length * ROW + "px"; }
  const box = $("rows"), main = subject();
  if (scroll) {
    const at = rows.findIndex((r) => r.v === main);
    const y = at * ROW;
    if (at >= 0 && (y < box.scrollTop + ROW || y > box.scrollTop + box.clientHeight - 2 * ROW)) box.scrollTop = y - box.clientHeight / 2;
  }
  const from = Math.max(0, Math.floor(box.scrollTop / ROW) - 8);
  const to = printing ? rows.length : Math.min(rows.length, from + Math.ceil(box.clientHeight / ROW) + 16);
  let out = "";
  for (let i = printing ? 0 : from; i < to; i++) out += rowHtml(rows[i], i, main);
  $("tall").innerHTML = out;
}
function rowHtml(r, i, main) {
  const top = `style="top:${i * ROW}px"`;
  if (r.group !== undefined) {
    const n = G.groups[r.group][1].length;
    const what = r.at === -2 ? "all iterations; show one" : `iteration ${r.at + 1} shown; show all`;
    return `<div class="row loop" role="row" data-g="${r.group}" ${top}><b>×${n}</b><span>${what}</span></div>`;
  }
  const v = r.v, d = derivative(v);
  const cls = "row " + D.kinds[v] + (v === main ? " lit" : "") + (r.inside ? " inside" : "") + (query && isMatch(v) ? " match" : "");
  const expr = D.kinds[v] === "guard" ? `guard: ${D.exprs[v]}` : D.exprs[v];
  return `<div class="${cls}" role="row" data-v="${v}" ${top}${v === main ? ' aria-current="step"' : ""}><span>${esc(D.names[v])}</span><span title="${esc(expr)}">${esc(expr)}</span>` +
    `<span title="${esc(full(D.primal[v]))}">${esc(knowsPrimal(v) ? show(D.primal[v]) : "")}</span><span title="${esc(full(d))}">${esc(show(d))}</span></div>`;
}

/* ── source ── */
const stepsOfLine = new Map();
D.where.forEach((w, v) => { if (w) { const key = w.join(); if (!stepsOfLine.has(key)) stepsOfLine.set(key, []); stepsOfLine.get(key).push(v); } });
function buildSource() {
  if (!D.sources.length) { $("source").innerHTML = '<p class="file">The source is not available.</p>'; return; }
  $("source").innerHTML = D.sources.map(([file, start, lines], b) => {
    const common = Math.min(...lines.filter((l) => l.trim()).map((l) => l.match(/^\s*/)[0].length));
    return `<div class="file">${esc(file)}</div>` + lines.map((l, k) =>
      `<div class="l${stepsOfLine.has(b + "," + (start + k)) ? " used" : ""}" id="s${b}-${start + k}" data-k="${b},${start + k}"><i>${start + k}</i><b>${esc(l.slice(common)) || " "}</b></div>`).join("");
  }).join("");
}
function lightSource() {
  document.querySelectorAll("#source .lit").forEach((e) => e.classList.remove("lit"));
  const w = D.where[origin()] || D.where[subject()];
  const e = w && $(`s${w[0]}-${w[1]}`);
  if (!e) return;
  e.classList.add("lit");
  const box = $("source"), y = e.offsetTop - box.offsetTop;
  if (y < box.scrollTop || y > box.scrollTop + box.clientHeight - 40) box.scrollTop = y - box.clientHeight / 2;
}

/* ── step ── */
function describe() {
  const s = step, v = subject();
  if (mode === "reverse" && s >= V) {
    const [formula, numbers, value, from] = reverse[s - V];
    const last = full(derivative(v)), more = formula.includes("+=");
    return {
      what: `Reverse: ${D.kinds[from] === "output" ? "the sweep starts from the output" : `from ${D.names[from] || D.exprs[from]} = ${D.exprs[from]} to ${D.names[v]}`}`,
      formula, numbers, value, after: more ? `${D.names[v]}: ${show(derivative(v))} so far` : "", cls: "d", raw: last,
    };
  }
  const kind = D.kinds[v];
  if (kind === "guard") return { what: "Guard: what Python saw here", formula: D.exprs[v], numbers: "", value: "holds", cls: "n" };
  const primal = kind === "input" ? D.names[v] : kind === "output" ? `${D.names[v]} = ${D.exprs[v]}` : `${D.names[v]} = ${D.exprs[v]}`;
  const base = { what: { input: "Input", output: "Output" }[kind] || (mode === "forward" ? "Forward: primal and tangent" : "Primal"), formula: primal, numbers: "", value: D.primal[v], cls: "p" };
  if (mode === "forward" && forward[v][0]) base.second = { formula: forward[v][0], numbers: forward[v][1], value: forward[v][2] ?? 0, cls: "d" };
  return base;
}
function equation({ formula, numbers, value, cls }) {
  const shown = show(value), same = numbers && numbers.replace(/\s/g, "") === shown;
  if (value === "holds") return `${esc(formula)} <span class="n">holds</span>`;
  return esc(formula) + (numbers && !same ? ` <span class="n">= ${esc(numbers)}</span>` : "") + ` = <span class="${cls}" title="${esc(full(value))}">${esc(shown)}</span>`;
}
function panel() {
  const d = describe();
  $("what").textContent = d.what + (d.after ? `  (${d.after})` : "");
  const html = equation(d) + (d.second ? "<br>" + equation(d.second) : "");
  $("formula").innerHTML = html;
  $("formula").classList.toggle("long", $("formula").textContent.length > 90);
  $("count").textContent = `${step + 1} / ${total()}`;
  $("slider").max = total() - 1; $("slider").value = step;
  $("slider").setAttribute("aria-valuetext", `step ${step + 1} of ${total()}: ${$("formula").textContent}`);
  elements(d.second && typeof d.second.value === "object" ? d.second.value : d.value);
}
function elements(x) {
  const box = $("elements");
  box.hidden = !(x && typeof x === "object" && x.e.length > 0 && x.n > 4);
  if (box.hidden) return;
  box.querySelector("summary").textContent = `${x.y}, ${x.n > x.e.length ? `the first ${x.e.length} of ${x.n} elements` : `${x.n} elements`}`;
  box.querySelector("div").textContent = x.e.join("  ") + (x.n > x.e.length ? "  …" : "");
}
function render(scroll = true) {
  panel(); list(scroll); lightSource();
  if (scroll) follow(false);
  draw();
}
function go(s) { step = Math.max(0, Math.min(total() - 1, s)); render(); }
function setMode(m) {
  const v = subject();
  mode = m;
  document.body.dataset.mode = m;
  $("forward").setAttribute("aria-pressed", m === "forward"); $("reverse").setAttribute("aria-pressed", m === "reverse");
  $("column").textContent = m === "forward" ? "tangent ↓" : "adjoint ↑";
  $("keyname").textContent = m === "forward" ? "tangent" : "adjoint";
  $("legend").textContent = D[m].legend;
  step = Math.min(v, total() - 1);
  render();
}
function play() {
  if (playing) { clearInterval(playing); playing = 0; }
  else {
    if (step >= total() - 1) step = 0;
    playing = setInterval(() => { if (step >= total() - 1) play(); else go(step + 1); }, 700);
  }
  $("play").querySelector("path").setAttribute("d", playing ? "M4.5 3v10M11.5 3v10" : "M4 2.5 13 8l-9 5.5z");
  $("play").setAttribute("aria-label", playing ? "Stop" : "Play");
}
function jump(v) {                                          /* to where a vertex gets its value in this sweep */
  go(mode === "forward" || step < V || firstAdjoint[v] < 0 ? v : lastAdjoint[v]);
}
function page(sign) {                                       /* to the first step of the iteration before or after */
  const at = (g, s) => iteration(g, origin(s)), last = total() - 1;
  const around = G.groups.filter((g) => at(g, step) >= 0).pop();
  if (!around) return go(step + 10 * sign);
  let s = step;
  const move = (by) => { const now = at(around, s); while (s + by >= 0 && s + by <= last && at(around, s + by) === now) s += by; };
  move(sign);
  s = Math.max(0, Math.min(last, s + sign));
  if (sign < 0) move(-1);
  go(s);
}

/* ── search ── */
const plain = (s) => s.toLowerCase().replace(/[₀-₉]/g, (c) => DIGITS.indexOf(c));
let haystack = null;
function text(v) {
  haystack ??= D.names.map((n, k) => {
    const w = D.where[k], line = w ? D.sources[w[0]][2][w[1] - D.sources[w[0]][1]] : "";
    return plain(`${n} = ${D.exprs[k]} ${w ? D.sources[w[0]][0] + ":" + w[1] : ""} ${line}`);
  });
  return haystack[v];
}
const isMatch = (v) => text(v).includes(query);
function search() {
  query = plain($("search").value.trim());
  matches = [];
  if (query) for (let v = 0; v < V; v++) if (isMatch(v)) matches.push(v);
  $("found").textContent = query ? `${matches.length}` : "";
  render(false);
}
function nextMatch(sign) {
  if (!matches.length) return;
  const now = subject();
  const ahead = sign > 0 ? matches.find((v) => v > now) ?? matches[0] : [...matches].reverse().find((v) => v < now) ?? matches[matches.length - 1];
  jump(ahead);
  $("found").textContent = `${matches.indexOf(ahead) + 1}/${matches.length}`;
}

/* ── events ── */
const KEYS = {
  ArrowRight: () => go(step + 1), ArrowLeft: () => go(step - 1), Home: () => go(0), End: () => go(total() - 1),
  PageDown: () => page(1), PageUp: () => page(-1), " ": play, f: () => setMode("forward"), r: () => setMode("reverse"),
  "/": () => $("search").focus(), "+": () => zoom(1.25), "=": () => zoom(1.25), "-": () => zoom(0.8), "−": () => zoom(0.8),
  0: () => { fit(); draw(); }, "?": () => $("keys").showModal(),
};
document.addEventListener("keydown", (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || $("keys").open) return;
  if (e.target === $("search")) {
    if (e.key === "Enter") { nextMatch(e.shiftKey ? -1 : 1); e.preventDefault(); }
    if (e.key === "Escape") { $("search").value = ""; search(); $("search").blur(); }
    return;
  }
  if (e.key === " " && e.target.tagName === "BUTTON") return;
  if (e.target.tagName === "SUMMARY" && (e.key === " " || e.key === "Enter")) return;
  const act = KEYS[e.key];
  if (act) { act(); e.preventDefault(); }
});
const clicks = {
  first: () => go(0), back: () => go(step - 1), play, next: () => go(step + 1), last: () => go(total() - 1), in: () => zoom(1.25), out: () => zoom(0.8),
  fit: () => { fit(); draw(); }, help: () => $("keys").showModal(), forward: () => setMode("forward"), reverse: () => setMode("reverse"),
};
for (const [id, act] of Object.entries(clicks)) $(id).addEventListener("click", act);
$("slider").addEventListener("input", () => go(Number($("slider").value)));
$("search").addEventListener("input", search);
$("rows").addEventListener("scroll", () => list(false));
$("rows").addEventListener("click", (e) => {
  const row = e.target.closest(".row");
  if (!row) return;
  if (row.dataset.g !== undefined) {
    const g = Number(row.dataset.g);
    if (open.has(g)) open.delete(g); else open.add(g);
    list(false);
  } else jump(Number(row.dataset.v));
});
$("source").addEventListener("click", (e) => {
  const line = e.target.closest(".l.used");
  if (!line) return;
  const of = stepsOfLine.get(line.dataset.k), now = subject();
  jump(of.find((v) => v > now) ?? of[0]);
});
let drag = null, moved = false;
svg.addEventListener("pointerdown", (e) => { drag = [e.clientX - view.x, e.clientY - view.y]; moved = false; });
window.addEventListener("pointermove", (e) => {
  if (!drag) return;
  const x = e.clientX - drag[0], y = e.clientY - drag[1];
  if (!moved && Math.hypot(x - view.x, y - view.y) < 4) return;
  moved = true; svg.classList.add("moving");
  view.x = x; view.y = y; draw();
});
window.addEventListener("pointerup", (e) => {
  if (drag && !moved) { const n = e.target.closest?.(".node"); if (n) jump(Number(n.dataset.v)); }
  drag = null; svg.classList.remove("moving");
});
svg.addEventListener("wheel", (e) => {
  const r = stage();
  zoom(Math.exp(-e.deltaY * 0.0015), e.clientX - r.left, e.clientY - r.top);
  e.preventDefault();
}, { passive: false });
window.addEventListener("resize", () => { home(); render(); });
let printing = false;
window.addEventListener("beforeprint", () => { printing = rows.length <= 2000; fit(); list(false); draw(); });
window.addEventListener("afterprint", () => { printing = false; render(); });

$("name").textContent = D.title;
$("at").textContent = D.at.slice(D.title.length);
buildSource();
fit();
home();
setMode(mode);
