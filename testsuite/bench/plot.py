"""A drawing of the table: a panel for each cell, a bar for each subject, as
long as its median rate; a thin line from the slowest to the fastest round."""
import statistics
from xml.sax.saxutils import escape

from report import median

COLOURS = {"auto": "#1b6e3c", "write-out": "#58a978", "strict": "#9bcfb2",
           "full": "#9a9a9a",
           "one": "#bdbdbd", "out": "#bdbdbd", "hard1": "#9a9a9a",
           "log": "#bdbdbd",
           "dovecot": "#c0622d", "cyrus": "#3d6ea8", "cyrus-dup": "#86a8d0"}
WIDTH, LEFT, RIGHT = 960, 90, 310
BAR, GAP, HEAD = 14, 5, 34


def text(x, y, words, **more):
    return '<text x="%g" y="%g"%s>%s</text>' % (
        x, y, "".join(' %s="%s"' % (k.replace("_", "-"), v)
                      for k, v in more.items()), escape(words))


def rectangle(x, y, width, height, colour):
    return '<rect x="%g" y="%g" width="%.1f" height="%g" fill="%s"/>' % (
        x, y, width, height, colour)


def bar(y, subject, rows, scale):
    rates = [r.rate for r in rows]
    rate = statistics.median(rates)
    note = "%.0f a second" % rate
    if median(rows, "p50"):
        note += ", p50 %.1f p99 %.1f ms, CPU %.2f ms" % tuple(
            median(rows, f) for f in ("p50", "p99", "cpu"))
    middle = y + BAR / 2
    out = [text(LEFT - 8, y + BAR - 3, subject, text_anchor="end"),
           rectangle(LEFT, y, rate * scale, BAR,
                     COLOURS.get(subject, "#666666"))]
    if len(rates) > 1:
        out.append('<line x1="%.1f" x2="%.1f" y1="%g" y2="%g" '
                   'stroke="#000000"/>' % (
                       LEFT + min(rates) * scale, LEFT + max(rates) * scale,
                       middle, middle))
    end = LEFT + max(rates) * scale
    return out + [text(end + 6, y + BAR - 3, note, fill="#333333")]


def panel(y, title, subjects):
    """Lines, and where the next panel begins."""
    most = max(r.rate for rows in subjects.values() for r in rows)
    scale = (WIDTH - LEFT - RIGHT) / most
    out = [text(LEFT, y + HEAD - 10, title, font_weight="bold")]
    y += HEAD
    for subject, rows in subjects.items():
        out += bar(y, subject, rows, scale)
        y += BAR + GAP
    return out, y


def svg(rows, works, title):
    """
    rows   {(work, connections, subject): [Row]}
    works  {work: what it is}
    """
    cells = {}
    for (work, conns, subject), v in rows.items():
        cells.setdefault((work, conns), {})[subject] = v
    out, y = [text(LEFT, 24, title, font_weight="bold", font_size="15")], 30
    for (work, conns), subjects in cells.items():
        lines, y = panel(y, "%s (%s), %d connection%s: deliveries a second"
                         % (work, works[work], conns, "s" * (conns > 1)),
                         subjects)
        out += lines
    return "\n".join(
        ['<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" '
         'font-family="sans-serif" font-size="11">' % (WIDTH, y + 12),
         rectangle(0, 0, WIDTH, y + 12, "#ffffff")] + out + ["</svg>", ""])
