// The status page: asks the coordinator every other second and draws what it says. Changes nothing there.
'use strict';

const STATUS_EVERY = 2000, CALENDAR_EVERY = 6000, PATIENCE = 10000;  // ms
const MOST_HOLES = 20;
// What a day can be, worst first. `trouble`: somebody must do something.
const DAYS = {
  m: {name: 'missing', about: 'wanted, and nothing is under way', trouble: true},
  d: {name: 'dead', about: 'a dead letter covers it', trouble: true},
  r: {name: 'running', about: 'being read'},
  q: {name: 'waiting', about: 'its turn will come'},
  p: {name: 'provisional', about: 'read before its figures were complete'},
  s: {name: 'settling', about: 'read, may still change'},
  f: {name: 'final', about: 'read, changes no more'},
  i: {name: 'idle', about: 'nothing happened, by the API\'s totals'},
  '.': {name: 'not wanted', about: 'outside of what was asked for'},
};
const SEVERITY = Object.fromEntries([...Object.keys(DAYS)].map((letter, i) => [letter, 9 - i]));

const byId = (id) => document.getElementById(id);

// el('td', {class: 'n'}, 'text', element, ...)
function el(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

// --- Numbers and times as people read them ---
const count = (value) => Number(value || 0).toLocaleString('en');
const plural = (number, word) => `${count(number)} ${word}${number === 1 ? '' : 's'}`;
const utc = (date) => date.toISOString().slice(11, 19);
const local = (date) => date.toLocaleTimeString('en-GB');
function moment(date, now) {
  const day = date.toISOString().slice(0, 10), today = (now || new Date()).toISOString().slice(0, 10);
  return `${day === today ? '' : day + ' '}${utc(date)} UTC (${local(date)} here)`;
}
function span(seconds) {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172800) return `${(seconds / 3600).toFixed(1)} h`;
  return `${Math.round(seconds / 86400)} days`;
}
const daysText = (first, last) => (first === last ? first : `${first} to ${last}`);
// A word of a command line.
const word = (text) => (/^[\w.:@/-]+$/.test(text) ? text : `'${text.replaceAll('\'', '\'\\\'\'')}'`);

// --- Commands that can be copied ---
async function copy(text, element) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {  // not allowed without encryption
    const range = document.createRange();
    range.selectNodeContents(element);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    document.execCommand('copy');
  }
  say(`Copied: ${text}`);
}
function command(text) {
  const code = el('code', {}, text);
  return el('span', {}, code, ' ',
            el('button', {type: 'button', 'aria-label': `Copy ${text}`, onclick: () => copy(text, code)}, 'Copy'));
}
const say = (text) => { byId('said').textContent = text; };

// Replaces the children of an element when what they are made of has changed; so focus and selection stay otherwise.
const shown = new Map();
function show(id, facts, make) {
  const key = JSON.stringify(facts);
  if (shown.get(id) === key) return;
  shown.set(id, key);
  byId(id).replaceChildren(...make());
}

// --- Asking ---
async function ask(path) {
  const stop = new AbortController(), timer = setTimeout(() => stop.abort(), PATIENCE);
  try {
    const answer = await fetch(path, {signal: stop.signal, cache: 'no-cache'});
    if (answer.status === 401 || answer.redirected) {
      location.assign('/login');
      return new Promise(() => {});
    }
    byId('logout').hidden = answer.headers.get('Tikhaul-Session') !== 'yes';
    const body = await answer.json();
    if (!answer.ok) throw new Error(body.error);
    return body;
  } finally {
    clearTimeout(timer);
  }
}

let answeredAt = null, failing = false;
function answered() {
  answeredAt = new Date();
  if (failing) say('The coordinator answers again.');
  failing = false;
  byId('gone').hidden = true;
  document.body.classList.remove('stale');
}
function unanswered(error) {
  const why = error instanceof TypeError || error.name === 'AbortError' ? 'The coordinator does not answer.' : error.message;
  const since = answeredAt ? ` What you see is from ${moment(answeredAt)}.` : '';
  const text = `${why}${since} Asking again every 2 seconds.`;
  if (byId('gone').textContent !== text) byId('gone').textContent = text;
  byId('gone').hidden = false;
  failing = true;
  byId('live').textContent = 'not live';
  document.body.classList.add('stale');
}

// --- Status ---
const ETA_WORDS = {partial: 'ended with dead letters', done: '', cancelled: ''};
function left(run, status, now) {
  if (run.state !== 'running') return ETA_WORDS[run.state] || '';
  if (run.paused) return 'paused';
  const progress = (status.extracts || []).find((one) => one.extract === run.extract);
  if (!progress || !progress.eta_seconds) return 'not known yet';
  const others = status.runs.filter((one) => one.state === 'running' && one.extract === run.extract).length > 1;
  const end = new Date(now.getTime() + progress.eta_seconds * 1000);
  return `about ${span(progress.eta_seconds)}, until ${moment(end, now)}${others ? ', with the other runs of it' : ''}`;
}
function runRow(run, status, now) {
  const chunks = run.chunks || {}, number = (name) => Number(chunks[name] || 0);
  const done = number('done'), all = done + number('ready') + number('running') + number('dead') + number('cancelled');
  const percent = all ? Math.floor(100 * done / all) : run.state === 'done' ? 100 : 0;
  const label = `${run.extract}: ${percent} %`;
  const notes = [number('running') && `${number('running')} running`, number('waiting') && `${number('waiting')} waiting`,
                 number('dead') && `${number('dead')} dead`].filter(Boolean).join(', ');
  return el('tr', {'data-run': run.id},
            el('th', {scope: 'row'}, run.extract),
            el('td', {}, `${run.kind} `, el('code', {}, run.id)),
            el('td', {class: 'nowrap'}, daysText(run.first_day, run.last_day)),
            el('td', {}, run.state),
            el('td', {class: 'nowrap'}, el('progress', {max: all || 1, value: all ? done : percent / 100, 'aria-label': label}),
               ` ${percent} %`),
            el('td', {class: 'n'}, `${count(done)} of ${count(all)}`, notes && el('div', {class: 'quiet'}, notes)),
            el('td', {class: 'n'}, count(run.rows)), el('td', {class: 'n'}, count(run.calls)),
            el('td', {}, left(run, status, now)));
}
function troublesOf(status) {
  const list = (status.faults || []).map((fault) => [fault, '']);
  for (const pause of status.pauses || [])
    list.push([`${pause.scope}${pause.name ? ' ' + pause.name : ''} is paused: ${pause.reason}`, pause.mend]);
  const blocks = status.blocks || [];
  for (const block of blocks.slice(0, 10))
    list.push([`advertiser ${block.advertiser} is closed to ${block.endpoint}: ${block.reason}`, block.mend]);
  if (blocks.length > 10) list.push([`${count(blocks.length - 10)} more are closed: tikhaul status lists them`, '']);
  for (const one of status.coordinators || [])
    if (!one.answers) list.push([`coordinator ${one.address} does not answer the lead`, '']);
  if (Number(status.dead_letters)) list.push([plural(Number(status.dead_letters), 'dead letter') + ': see below', '']);
  if (status.quota && status.quota.state && status.quota.state !== 'open') list.push([`quota: ${status.quota.state}`, '']);
  return list;
}
// A sentence that says what to do; what stands between backticks is code, and commands of ours can be copied.
const sentence = (text) => (text || '').split('`').map((part, i) => (
  i % 2 === 0 ? part : part.startsWith('tikhaul ') ? command(part) : el('code', {}, part)));
function gauge(label, value, most, text) {
  return el('div', {}, `${label}: ${text}`,
            most ? el('meter', {min: 0, max: most, value: Math.min(value, most), 'aria-label': `${label}: ${text}`}) : null);
}
function drawStatus(status) {
  const now = new Date(status.now);
  byId('version').textContent = status.version || '';
  byId('live').textContent = `live: ${now.toISOString().slice(0, 10)} ${utc(now)} UTC, ${local(now)} here` +
    (status.idle ? '; nothing to do' : '');
  const troubles = troublesOf(status);
  byId('trouble').hidden = troubles.length === 0;
  show('troubles', troubles, () => troubles.map(([what, mend]) => el('li', {}, ...sentence(what), mend ? ': ' : '', ...sentence(mend))));

  const runs = status.runs || [];
  byId('no-runs').hidden = runs.length > 0;
  byId('runs-box').hidden = runs.length === 0;
  show('runs', [runs, status.extracts, Math.floor(now / 5000)], () => runs.map((run) => runRow(run, status, now)));

  const quota = status.quota || {};
  show('quota', quota, () => [
    gauge('per second', quota.calls_per_second || 0, quota.per_second,
          `${(quota.calls_per_second || 0).toFixed(1)} of ${count(quota.per_second)} calls, ${Math.round(100 * (quota.share || 0))} %`),
    gauge('today', Number(quota.used_today || 0), Number(quota.per_day || 0),
          `${count(quota.used_today)} of ${count(quota.per_day)} calls`),
    gauge('state', 0, 0, `${quota.state || 'not known'}${quota.frozen ? ', frozen' : ''}; ${count(quota.per_minute)} calls per minute allowed`),
  ]);

  const workers = status.workers || [];
  byId('no-workers').hidden = workers.length > 0;
  byId('workers-box').hidden = workers.length === 0;
  show('workers', workers, () => workers.map((one) => el('tr', {}, el('th', {scope: 'row'}, one.name),
      el('td', {class: 'n'}, count(one.chunks)), el('td', {}, one.last_seen ? moment(new Date(one.last_seen), now) : ''))));
  const coordinators = status.coordinators || [];
  show('coordinators', coordinators, () => coordinators.map((one) => el('tr', {}, el('th', {scope: 'row'}, one.address),
      el('td', {}, [one.leads && 'leads', one.passive && 'only answers', !one.answers && 'does not answer'].filter(Boolean).join(', ')),
      el('td', {class: 'n'}, count(one.shards)), el('td', {class: 'n'}, count(one.chunks)))));
}

// --- Dead letters ---
function drawDead(answer) {
  const letters = answer.dead_letters || [];
  byId('no-dead').hidden = letters.length > 0;
  byId('dead-box').hidden = letters.length === 0;
  byId('more-dead').hidden = !answer.next_page_token;
  byId('more-dead').textContent = 'These are the oldest; tikhaul retry --list shows all.';
  show('dead', letters, () => letters.map((one) => el('tr', {},
      el('th', {scope: 'row'}, one.chunk_id), el('td', {}, one.extract), el('td', {}, one.advertiser),
      el('td', {class: 'nowrap'}, one.window),
      el('td', {}, `${one.reason}${one.code ? ' ' + one.code : ''}`, el('div', {class: 'quiet'}, one.message || '')),
      el('td', {}, one.died ? moment(new Date(one.died)) : ''),
      el('td', {}, el('div', {}, ...sentence(one.mend)), command(`tikhaul retry ${one.chunk_id}`)))));
}

// --- The calendar ---
const ROW = 16, HEAD = 34, DAY = 86400000;
const calendar = {
  extract: '', first: 0, days: 0, rows: [], holes: [], row: 0, day: 0, cursor: false, marks: '',
  // The days of the row that are missing or dead, as [letter, first, last].
  spans(row) {
    const found = [];
    for (const match of row.days.matchAll(/m+|d+/g)) found.push([match[0][0], match.index, match.index + match[0].length - 1]);
    return found;
  },
  date(day) { return new Date(this.first + day * DAY).toISOString().slice(0, 10); },
  name(row) { return row.advertiser_name ? `${row.advertiser_name} (${row.advertiser})` : row.advertiser; },
  // What mends the span.
  mend(row, [letter, first, last]) {
    if (letter === 'd') return `tikhaul retry --extract ${word(this.extract)}`;
    return `tikhaul backfill ${word(this.extract)} --advertiser ${word(row.advertiser)} --from ${this.date(first)} --to ` +
           `${this.date(last)} --again`;
  },
  take(extract, pages) {
    const first = pages[0] && pages[0].first_day;
    const other = extract !== this.extract;
    this.extract = extract;
    this.first = first ? Date.parse(first) : 0;
    this.days = first ? Math.round((Date.parse(pages[0].last_day) - this.first) / DAY) + 1 : 0;
    this.rows = pages.flatMap((page) => page.rows || []);
    this.holes = this.rows.flatMap((row, index) => {
      row.trouble = this.spans(row);
      return row.trouble.map((found) => ({index, row, found}));
    });
    this.day = Math.min(this.day, Math.max(0, this.days - 1));
    this.row = Math.min(this.row, Math.max(0, this.rows.length - 1));
    if (other) Object.assign(this, {row: 0, day: Math.max(0, this.days - 1), cursor: false});
  },
};

const view = {width: 0, height: 0, label: 0, cell: 1, colours: {}, ratio: 1, wanted: false, overview: null};

function readColours() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(name).trim();
  for (const letter of Object.keys(DAYS)) view.colours[letter] = read(`--day-${letter === '.' ? 'none' : letter}`);
  for (const name of ['text', 'quiet', 'line', 'back', 'cursor', 'on-trouble', 'alert-text']) view.colours[name] = read(`--${name}`);
  view.hatch = null;
}
// Waiting days have lines, so that they differ from all others without their colour.
function fillFor(context, letter) {
  if (letter !== 'q' || view.cell < 3) return view.colours[letter];
  if (!view.hatch) {
    const tile = document.createElement('canvas');
    tile.width = tile.height = 6;
    const pen = tile.getContext('2d');
    pen.fillStyle = view.colours.q;
    pen.fillRect(0, 0, 6, 6);
    pen.strokeStyle = view.colours['.'];
    pen.lineWidth = 1.5;
    for (const x of [-6, 0, 6]) { pen.moveTo(x, 6); pen.lineTo(x + 6, 0); }
    pen.stroke();
    view.hatch = context.createPattern(tile, 'repeat');
  }
  return view.hatch;
}

// Sizes that follow from the window, the zoom and the data.
function measureMap() {
  const map = byId('map'), scroller = byId('scroller');
  map.style.height = `${Math.min(HEAD + calendar.rows.length * ROW + 18, 24 * 16)}px`;
  view.ratio = window.devicePixelRatio || 1;
  view.width = scroller.clientWidth;
  view.height = scroller.clientHeight;
  view.label = view.width < 600 ? 88 : 190;
  const zoom = byId('zoom').value, wanted = zoom === 'all' ? calendar.days : Math.min(Number(zoom), calendar.days);
  view.cell = Math.max(0.25, (view.width - view.label) / Math.max(1, wanted));
  const space = byId('space');
  space.style.width = zoom === 'all' ? '1px' : `${view.label + view.cell * calendar.days}px`;
  space.style.height = `${HEAD + calendar.rows.length * ROW}px`;
  const cells = byId('cells');
  cells.style.width = `${view.width}px`;
  cells.style.height = `${view.height}px`;
  const wide = Math.round(view.width * view.ratio), high = Math.round(view.height * view.ratio);
  if (cells.width !== wide || cells.height !== high) Object.assign(cells, {width: wide, height: high});
}

const redraw = () => {
  if (view.wanted) return;
  view.wanted = true;
  requestAnimationFrame(() => {
    view.wanted = false;
    performance.clearMeasures('calendar-draw');
    const begin = performance.now();
    drawMap();
    performance.measure('calendar-draw', {start: begin, end: performance.now()});
  });
};

function drawMap() {
  if (byId('map').hidden) return;
  const context = byId('cells').getContext('2d'), scroller = byId('scroller'), {ratio, cell, label, colours} = view;
  const snap = (value) => Math.round(value * ratio) / ratio;
  const x = (day) => snap(label + day * cell - scroller.scrollLeft);
  const y = (row) => snap(HEAD + row * ROW - scroller.scrollTop);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = colours.back;
  context.fillRect(0, 0, view.width, view.height);
  const firstRow = Math.max(0, Math.floor(scroller.scrollTop / ROW));
  const endRow = Math.min(calendar.rows.length, Math.ceil((scroller.scrollTop + view.height - HEAD) / ROW));
  const firstDay = Math.max(0, Math.floor(scroller.scrollLeft / cell));
  const endDay = Math.min(calendar.days, Math.ceil((scroller.scrollLeft + view.width - label) / cell));
  const gap = cell >= 6 ? 1 : 0;
  context.save();
  context.beginPath();
  context.rect(label, HEAD, view.width - label, view.height - HEAD);
  context.clip();
  // Boxes of one colour are drawn together, trouble last: it covers what is beside it.
  const boxes = Object.fromEntries(Object.keys(DAYS).map((letter) => [letter, []]));
  for (let row = firstRow; row < endRow; ++row) {
    const letters = calendar.rows[row].days, top = y(row), height = y(row + 1) - top - 1;
    for (let day = firstDay; day < endDay;) {
      const letter = letters[day] in boxes ? letters[day] : '.';
      let end = day + 1;
      while (!gap && end < endDay && letters[end] === letters[day]) ++end;
      boxes[letter].push([x(day), top, x(end) - x(day) - gap, height]);
      day = end;
    }
  }
  for (const letter of Object.keys(DAYS).reverse()) {
    context.fillStyle = fillFor(context, letter);
    // Never narrower than can be seen: one day in two years is.
    const least = letter === 'r' || DAYS[letter].trouble ? 3 : 1 / ratio;
    if (DAYS[letter].trouble && !gap) {  // set off from its neighbours
      context.fillStyle = colours.back;
      for (const [left, top, wide, high] of boxes[letter]) context.fillRect(left - 1, top, Math.max(least, wide) + 2, high);
      context.fillStyle = fillFor(context, letter);
    }
    for (const [left, top, wide, high] of boxes[letter]) context.fillRect(left, top, Math.max(least, wide), high);
    if (cell < 12 || !DAYS[letter].trouble) continue;
    context.fillStyle = colours['on-trouble'];
    context.font = 'bold 11px sans-serif';
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    for (const [left, top, wide, high] of boxes[letter]) context.fillText(letter, left + wide / 2, top + high / 2);
  }
  context.restore();
  drawLabels(context, firstRow, endRow, y);
  drawMonths(context, firstDay, endDay, x);
  if (calendar.cursor && calendar.rows.length) {
    context.strokeStyle = colours.cursor;
    context.lineWidth = 2;
    const left = x(calendar.day), wide = Math.max(4, cell);
    if (y(calendar.row) >= HEAD - ROW && left >= label - wide) context.strokeRect(left - 1, y(calendar.row) - 1, wide + 1, ROW + 1);
  }
  drawFrame();
}

function drawLabels(context, firstRow, endRow, y) {
  const {label, colours} = view;
  context.save();
  context.beginPath();
  context.rect(0, HEAD, label - 4, view.height - HEAD);
  context.clip();
  context.font = '12px system-ui, sans-serif';
  context.textBaseline = 'middle';
  for (let row = firstRow; row < endRow; ++row) {
    const {trouble, ...facts} = calendar.rows[row], middle = y(row) + ROW / 2;
    let room = label - 10;
    if (trouble.length) {  // a mark that does not need colour
      const text = `▲ ${trouble.length}`;
      context.textAlign = 'right';
      context.fillStyle = colours['alert-text'];
      context.fillText(text, label - 8, middle);
      room -= context.measureText(text).width + 8;
    }
    context.textAlign = 'left';
    context.fillStyle = colours.text;
    let name = facts.advertiser_name || facts.advertiser;
    while (name.length > 1 && context.measureText(name).width > room) name = name.slice(0, -2) + '…';
    context.fillText(name, 2, middle);
  }
  context.restore();
}

function drawMonths(context, firstDay, endDay, x) {
  const {cell, label, colours} = view, wide = cell * 30;
  context.save();
  context.beginPath();
  context.rect(label, 0, view.width - label, view.height);
  context.clip();
  context.font = '11px system-ui, sans-serif';
  context.textBaseline = 'alphabetic';
  context.textAlign = 'left';
  const from = new Date(calendar.first + firstDay * DAY);
  let year = 0;
  for (let at = Date.UTC(from.getUTCFullYear(), from.getUTCMonth()); at < calendar.first + endDay * DAY;) {
    const date = new Date(at), day = Math.round((at - calendar.first) / DAY), left = Math.max(x(day), label);
    const month = date.getUTCMonth();
    if (wide >= 10 || month % 3 === 0) {
      context.fillStyle = colours.line;
      context.fillRect(x(day), 16, 1, view.height);
    }
    context.fillStyle = colours.quiet;
    if (date.getUTCFullYear() !== year) {
      year = date.getUTCFullYear();
      context.fillText(String(year), left + 2, 12);
    }
    if (wide >= 26 || (wide >= 9 && month % 3 === 0)) {
      context.fillText(date.toLocaleString('en', {month: 'short', timeZone: 'UTC'}), left + 2, 28);
    }
    at = Date.UTC(date.getUTCFullYear(), month + 1);
  }
  context.restore();
}

// All rows on few lines: each point is the worst day below it.
function drawOverview() {
  const {rows, days} = calendar, box = byId('overview-box');
  view.overview = null;
  box.hidden = rows.length * ROW + HEAD <= 24 * 16 || !days;
  if (box.hidden) return;
  const canvas = byId('overview'), wide = Math.max(1, Math.round(box.clientWidth)), high = Math.min(rows.length, 100);
  Object.assign(canvas, {width: wide, height: high});
  canvas.style.height = `${high}px`;
  const worst = new Array(wide * high).fill('.');
  rows.forEach((row, index) => {
    const line = Math.floor(index * high / rows.length) * wide;
    for (let day = 0; day < days; ++day) {
      const at = line + Math.floor(day * wide / days), letter = row.days[day];
      if (SEVERITY[letter] > SEVERITY[worst[at]]) worst[at] = letter;
    }
  });
  const image = canvas.getContext('2d').createImageData(wide, high), parsed = {};
  for (const [name, colour] of Object.entries(view.colours)) {
    const hex = parseInt(colour.slice(1), 16);
    parsed[name] = [hex >> 16, (hex >> 8) & 255, hex & 255];
  }
  // A day that is wider than a point leaves none of its points empty.
  const step = wide / days;
  for (let line = 0; line < high; ++line) {
    for (let at = 0; at < wide; ++at) {
      let letter = worst[line * wide + at];
      if (step > 1) letter = worst[line * wide + Math.floor(Math.floor(at / step) * wide / days)];
      image.data.set([...parsed[letter], 255], 4 * (line * wide + at));
    }
  }
  // What needs somebody is never smaller than can be seen, and set off from its neighbours.
  const paint = (colour, left, right, top, bottom) => {
    for (let line = Math.max(0, top); line < Math.min(high, bottom); ++line)
      for (let at = Math.max(0, left); at < Math.min(wide, right); ++at) image.data.set([...colour, 255], 4 * (line * wide + at));
  };
  for (const grow of [1, 0]) {
    for (const {index, found: [letter, first, last]} of calendar.holes) {
      const top = Math.floor(index * high / rows.length), from = Math.floor(first * wide / days);
      const to = Math.max(from + 3, Math.ceil((last + 1) * wide / days));
      paint(grow ? parsed.back : parsed[letter], from - 1 - grow, to + grow, top - 1 - grow, top + 3 + grow);
    }
  }
  view.overview = image;
  drawFrame();
}
// Where the map is in the overview.
function drawFrame() {
  if (!view.overview) return;
  const canvas = byId('overview'), context = canvas.getContext('2d'), scroller = byId('scroller');
  context.putImageData(view.overview, 0, 0);
  context.strokeStyle = view.colours.text;
  context.lineWidth = 1;
  const scaleX = canvas.width / (view.cell * calendar.days), scaleY = canvas.height / (ROW * calendar.rows.length);
  context.strokeRect(scroller.scrollLeft * scaleX + .5, scroller.scrollTop * scaleY + .5,
                     Math.min(canvas.width, (view.width - view.label) * scaleX) - 1, Math.min(canvas.height, (view.height - HEAD) * scaleY) - 1);
}

// --- Moving in the calendar ---
function cellText(row, day) {
  const facts = calendar.rows[row], letter = facts.days[day] || '.';
  const date = new Date(calendar.first + day * DAY);
  const part = (name) => date.toLocaleDateString('en-GB', {[name]: name === 'day' || name === 'year' ? 'numeric' : 'long', timeZone: 'UTC'});
  return `${calendar.name(facts)}, ${['weekday', 'day', 'month', 'year'].map(part).join(' ')}: ${DAYS[letter].name}, ${DAYS[letter].about}.`;
}
const spanAt = (row, day) => calendar.rows[row].trouble.find(([, first, last]) => first <= day && day <= last);
function moveTo(row, day) {
  if (!calendar.rows.length || !calendar.days) return;
  calendar.row = Math.max(0, Math.min(calendar.rows.length - 1, row));
  calendar.day = Math.max(0, Math.min(calendar.days - 1, day));
  calendar.cursor = true;
  const scroller = byId('scroller'), top = calendar.row * ROW, left = calendar.day * view.cell;
  const high = view.height - HEAD - ROW, wide = view.width - view.label - view.cell;
  if (top < scroller.scrollTop) scroller.scrollTop = top;
  if (top > scroller.scrollTop + high) scroller.scrollTop = top - high;
  if (left < scroller.scrollLeft) scroller.scrollLeft = left - wide / 2;
  if (left > scroller.scrollLeft + wide) scroller.scrollLeft = left - wide / 2;
  tellCell();
  redraw();
}
function tellCell() {
  const {row, day} = calendar, found = calendar.cursor && calendar.rows[row] && spanAt(row, day);
  const text = calendar.cursor && calendar.rows[row] ? cellText(row, day) : '';
  show('cell', [text, found, calendar.extract], () => [text, ...(found ? [' ', command(calendar.mend(calendar.rows[row], found))] : [])]);
}
function toHole(direction) {
  if (!calendar.holes.length) return say('There is no hole.');
  const place = (index, day) => index * calendar.days + day, here = place(calendar.row, calendar.day);
  const {holes} = calendar;
  let next;
  if (!calendar.cursor) next = direction > 0 ? holes[0] : holes[holes.length - 1];
  else if (direction > 0) next = holes.find(({index, found}) => place(index, found[1]) > here) || holes[0];
  else next = holes.findLast(({index, found}) => place(index, found[1]) < here) || holes[holes.length - 1];
  moveTo(next.index, next.found[1]);
}
const KEYS = {
  ArrowLeft: () => moveTo(calendar.row, calendar.day - 1), ArrowRight: () => moveTo(calendar.row, calendar.day + 1),
  ArrowUp: () => moveTo(calendar.row - 1, calendar.day), ArrowDown: () => moveTo(calendar.row + 1, calendar.day),
  PageUp: () => moveTo(calendar.row - 10, calendar.day), PageDown: () => moveTo(calendar.row + 10, calendar.day),
  Home: () => moveTo(calendar.row, 0), End: () => moveTo(calendar.row, calendar.days - 1),
  n: () => toHole(1), p: () => toHole(-1),
  Enter: () => byId('cell').querySelector('button')?.click(),
};
function dayAt(event) {
  const box = byId('scroller').getBoundingClientRect(), scroller = byId('scroller');
  const across = event.clientX - box.left, down = event.clientY - box.top;
  if (across < view.label || down < HEAD) return null;
  let day = Math.floor((across - view.label + scroller.scrollLeft) / view.cell);
  const row = Math.floor((down - HEAD + scroller.scrollTop) / ROW);
  if (!calendar.rows[row] || day >= calendar.days) return null;
  // What is drawn wider than it is can be pointed at.
  const near = calendar.rows[row].trouble.find(([, first, last]) =>
    first * view.cell <= across - view.label + scroller.scrollLeft && across - view.label + scroller.scrollLeft <= Math.max((last + 1) * view.cell, first * view.cell + 3));
  if (near && (day < near[1] || day > near[2])) day = near[2];
  return [row, day];
}

function drawCalendar() {
  const {rows, holes, days} = calendar;
  for (const id of ['map', 'cell', 'keys', 'legend', 'as-table']) byId(id).hidden = !days || !rows.length;
  measureMap();
  measureMap();  // once more: what the first has set may have brought a scroll bar
  drawOverview();
  redraw();
  tellCell();
  byId('scroller').setAttribute('aria-label', `Calendar of ${calendar.extract}, ${rows.length} advertisers, ${days} days`);
  for (const id of ['previous', 'next']) byId(id).disabled = holes.length === 0;
  const totals = {}, dead = holes.filter(({found}) => found[0] === 'd');
  for (const row of rows) for (const letter of row.days) totals[letter] = (totals[letter] || 0) + 1;
  const missing = holes.length - dead.length, of = `${plural(rows.length, 'advertiser')} and ${plural(days, 'day')}`;
  let summary = `No hole: all wanted days of ${of} are read or under way.`;
  if (!rows.length) summary = 'No advertiser is known yet: tikhaul check asks for them.';
  else if (!days) summary = `Nothing of ${calendar.extract} was asked for yet: tikhaul backfill ${calendar.extract} begins.`;
  else if (holes.length) {
    const parts = [];
    if (missing) parts.push(`${plural(missing, 'hole')} with ${plural(totals.m, 'missing day')}`);
    if (dead.length) parts.push(`${plural(dead.length, 'dead span')} with ${plural(totals.d, 'day')}`);
    summary = `${parts.join(' and ')} among ${of}.`;
  }
  if (byId('hole-summary').textContent !== summary) byId('hole-summary').textContent = summary;
  show('legend', totals, () => Object.entries(DAYS).map(([letter, {name, about, trouble}]) => el('li', {title: about},
      el('span', {class: `swatch day-${letter === '.' ? 'none' : letter}`, 'aria-hidden': 'true'}, trouble ? letter : ''),
      `${name} ${count(totals[letter])}`)));
  const listed = holes.slice(-MOST_HOLES).reverse();
  show('holes', [calendar.extract, listed.map(({row, found}) => [row.advertiser, found]), holes.length], () => [
    ...listed.map(({index, row, found}) => el('li', {}, `${calendar.name(row)}: ${DAYS[found[0]].name} `,
        el('button', {type: 'button', onclick: () => { moveTo(index, found[1]); byId('scroller').focus(); }},
           daysText(calendar.date(found[1]), calendar.date(found[2]))), ' ', command(calendar.mend(row, found)))),
    ...(holes.length > listed.length ? [el('li', {class: 'quiet'}, `and ${count(holes.length - listed.length)} more`)] : [])]);
  drawTable();
}
function drawTable() {
  if (!byId('as-table').open) return;
  const list = (row, letter) => {
    const found = row.trouble.filter(([one]) => one === letter), shownFew = found.slice(0, 5);
    const text = shownFew.map(([, first, last]) => daysText(calendar.date(first), calendar.date(last))).join(', ');
    return found.length > 5 ? `${text} and ${found.length - 5} more` : text || 'none';
  };
  const rest = (row) => Object.keys(DAYS).filter((letter) => !DAYS[letter].trouble).map((letter) => {
    const number = row.days.split(letter).length - 1;
    return number ? `${count(number)} ${DAYS[letter].name}` : '';
  }).filter(Boolean).join(', ');
  show('rows', calendar.rows, () => calendar.rows.map((row) => el('tr', {}, el('th', {scope: 'row'}, calendar.name(row)),
      el('td', {}, row.timezone || ''), el('td', {}, list(row, 'm')), el('td', {}, list(row, 'd')), el('td', {}, rest(row)))));
}

// --- The loops ---
async function loadCalendar() {
  const extract = byId('extract').value;
  if (!extract) return;
  const pages = [];
  let token = '';
  do {
    const page = await ask(`/api/calendar?extract=${encodeURIComponent(extract)}&page_token=${encodeURIComponent(token)}`);
    pages.push(page);
    token = page.next_page_token;
  } while (token);
  if (extract !== byId('extract').value) return;  // another one was chosen meanwhile
  const marks = JSON.stringify(pages);
  if (marks === calendar.marks) return;
  calendar.marks = marks;
  calendar.take(extract, pages);
  drawCalendar();
}
async function loadExtracts() {
  const {extracts} = await ask('/api/extracts');
  const names = (extracts || []).filter((one) => one.calendar).map((one) => one.name);
  const wanted = decodeURIComponent(location.hash.slice(1)), chosen = byId('extract').value || wanted;
  byId('extract').replaceChildren(...names.map((name) => el('option', {selected: name === chosen}, name)));
  if (!names.length) byId('hole-summary').textContent = 'No extract is a report by day, so there is no calendar.';
}

let asking = false, timer = null, calendarDue = 0, extractsKnown = false, deadSeen = null;
async function tick() {
  clearTimeout(timer);
  if (asking || document.hidden) return;
  asking = true;
  try {
    if (!extractsKnown) {
      await loadExtracts();
      extractsKnown = true;
    }
    const status = await ask('/api/status');
    drawStatus(status);
    const due = performance.now() >= calendarDue;
    if (due || deadSeen !== status.dead_letters) drawDead(await ask('/api/dead-letters'));
    deadSeen = status.dead_letters;
    if (due) {
      calendarDue = performance.now() + CALENDAR_EVERY;
      await loadCalendar();
    }
    answered();
  } catch (error) {
    unanswered(error);
  }
  asking = false;
  timer = setTimeout(tick, calendarDue || failing ? STATUS_EVERY : 0);
}
function now() {  // what was chosen is fetched at once
  calendarDue = 0;
  tick();
}

readColours();
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { readColours(); drawOverview(); redraw(); });
document.addEventListener('visibilitychange', tick);
new ResizeObserver(() => { measureMap(); drawOverview(); redraw(); }).observe(byId('calendar'));
byId('zoom').addEventListener('change', () => {
  measureMap();
  byId('scroller').scrollLeft = calendar.cursor ? (calendar.day * view.cell) - view.width / 2 : calendar.days * view.cell;
  redraw();
});
byId('extract').addEventListener('change', () => {
  history.replaceState(null, '', `#${encodeURIComponent(byId('extract').value)}`);
  now();
});
byId('next').addEventListener('click', () => toHole(1));
byId('previous').addEventListener('click', () => toHole(-1));
byId('as-table').addEventListener('toggle', drawTable);
byId('overview').addEventListener('click', (event) => {
  const box = event.target.getBoundingClientRect();
  moveTo(Math.floor((event.clientY - box.top) / box.height * calendar.rows.length),
         Math.floor((event.clientX - box.left) / box.width * calendar.days));
});
const scroller = byId('scroller');
scroller.addEventListener('scroll', redraw, {passive: true});
scroller.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !KEYS[event.key]) return;
  event.preventDefault();
  KEYS[event.key]();
});
scroller.addEventListener('focus', () => { if (!calendar.cursor && scroller.matches(':focus-visible')) moveTo(calendar.row, calendar.day); });
scroller.addEventListener('click', (event) => { const at = dayAt(event); if (at) moveTo(...at); });
scroller.addEventListener('pointermove', (event) => {
  const at = dayAt(event), tip = byId('tip');
  tip.hidden = !at;
  if (!at) return;
  tip.textContent = cellText(...at);
  const box = scroller.getBoundingClientRect(), across = event.clientX - box.left, down = event.clientY - box.top;
  tip.style.left = `${Math.min(across + 12, Math.max(0, view.width - 330))}px`;
  tip.style.top = `${down + 18 > view.height - 40 ? down - 50 : down + 18}px`;
});
scroller.addEventListener('pointerleave', () => { byId('tip').hidden = true; });
tick();
