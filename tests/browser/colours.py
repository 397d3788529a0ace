"""How well colours can be told apart, and what a page owes to those who do not see it."""
import datetime

# What people with these kinds of vision see of (linear) red, green and blue: Machado et al. 2009, severity 1.
VISION = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}


def long_date(text):
    date = datetime.date.fromisoformat(text)
    return f"{date:%A} {date.day} {date:%B} {date.year}"


def parts(colour):
    """'#rrggbb' or 'rgb(r, g, b)' as three figures from 0 to 1."""
    if colour.startswith("#"):
        return [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    return [float(part) / 255 for part in colour[colour.index("(") + 1:-1].split(",")[:3]]


def linear(colour):
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts(colour)]


def luminance(colour):
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, two):
    """As WCAG counts it: from 1 to 21."""
    high, low = sorted((luminance(one), luminance(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def lab(colour, vision):
    seen = [min(1, max(0, sum(factor * part for factor, part in zip(line, linear(colour))))) for line in vision]
    x = (0.4124 * seen[0] + 0.3576 * seen[1] + 0.1805 * seen[2]) / 0.9505
    y = 0.2126 * seen[0] + 0.7152 * seen[1] + 0.0722 * seen[2]
    z = (0.0193 * seen[0] + 0.1192 * seen[1] + 0.9505 * seen[2]) / 1.089
    fx, fy, fz = (part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def difference(one, two, vision):
    """Distance in CIELAB: 2 can just be told, 10 at a glance."""
    return sum((a - b) ** 2 for a, b in zip(lab(one, vision), lab(two, vision))) ** 0.5


# Every text that is shown, with its colour and that of what is behind it.
TEXTS_WITH_COLOURS = """
const found = [];
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walk.nextNode()) {
  const text = walk.currentNode.textContent.trim(), element = walk.currentNode.parentElement;
  if (!text || !element.checkVisibility() || element.closest('.sr, .skip, option, script, noscript, :disabled')) continue;
  let behind = element;
  while (behind && /rgba\\(0, 0, 0, 0\\)|transparent/.test(getComputedStyle(behind).backgroundColor)) behind = behind.parentElement;
  const back = behind ? getComputedStyle(behind).backgroundColor : 'rgb(255, 255, 255)';
  if (getComputedStyle(behind || element).backgroundImage !== 'none') continue;
  found.push([text.slice(0, 40), getComputedStyle(element).color, back]);
}
return found;
"""

# What is wrong with names, roles and references.
STRUCTURE_PROBLEMS = """
const wrong = [], all = (selector) => [...document.querySelectorAll(selector)];
if (!document.documentElement.lang) wrong.push('no language');
if (!document.title) wrong.push('no title');
if (all('h1').length !== 1) wrong.push('not one h1');
if (all('main').length !== 1) wrong.push('not one main');
let level = 0;
for (const head of all('h1, h2, h3, h4')) {
  const own = Number(head.tagName[1]);
  if (own > level + 1) wrong.push('a level is left out before ' + head.textContent);
  level = own;
}
const ids = all('[id]').map((element) => element.id);
for (const id of new Set(ids)) if (ids.filter((one) => one === id).length > 1) wrong.push('twice: ' + id);
for (const name of ['aria-labelledby', 'aria-describedby', 'for'])
  for (const element of all('[' + name + ']'))
    for (const id of element.getAttribute(name).split(' ')) if (!document.getElementById(id)) wrong.push('no ' + id);
const nameOf = (element) => (element.getAttribute('aria-label') || element.labels?.[0]?.textContent || element.textContent || '').trim() ||
  (element.getAttribute('aria-labelledby') && document.getElementById(element.getAttribute('aria-labelledby')).textContent);
for (const element of all('button, select, input, progress, meter, [role=region], [role=application], summary, a'))
  if (!nameOf(element)) wrong.push('no name: ' + element.outerHTML.slice(0, 80));
for (const element of all('section')) if (!element.getAttribute('aria-labelledby')) wrong.push('a section without a name');
for (const element of all('canvas, svg, img')) if (element.getAttribute('aria-hidden') !== 'true' && !element.alt) wrong.push('a picture without words');
for (const head of all('th')) if (!head.scope) wrong.push('th without scope: ' + head.textContent);
for (const element of all('[tabindex]')) if (Number(element.tabIndex) > 0) wrong.push('tabindex ' + element.tabIndex);
for (const element of all('ul > *')) if (element.tagName !== 'LI') wrong.push('in a list: ' + element.tagName);
for (const id of ['live', 'gone', 'hole-summary', 'cell', 'said'])
  if (document.getElementById('calendar') && !document.getElementById(id).matches('[role=status], [role=alert], [aria-live]')) wrong.push('not told: ' + id);
return wrong;
"""
