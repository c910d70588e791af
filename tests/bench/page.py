"""The tables and pictures of what tests/bench/bench has measured; by itself,
page.py DIRECTORY makes them anew from the samples there."""
import json
import statistics
import sys

# table: heading, unit, digits, is more better, what limits it
TABLES = {
    'log': ('Log throughput, in memory', 'MB/s', 0, True,
            'Lines of that many bytes come in writes of 64 kB. `rotation`: '
            'ten files of 100 kB. `cat` writes to a file what it reads: '
            'copying through the pipe and into the page cache limits it, and '
            'nothing that writes a file can be much faster.'),
    'log disk': ('Log throughput, on the disk', 'MB/s', 0, True,
                 'The same in a directory on the disk. At a rotation all that '
                 'keep what they promise sync the file, and the disk is what '
                 'limits them.'),
    'log cpu': ('CPU time of a logger, in memory', 's/GB', 3, False,
                'User and system time of the logger alone.'),
    'log calls': ('System calls of a logger', 'calls/MB', 1, False,
                  'Counted by ptrace(2), the start included.'),
    'latency': ('Waiting', 'µs', 0, False,
                'A supervisor for each of a dozen services, which are static '
                'programs with musl; their own start is part of it. s6 and daemontools '
                'look at new links when they are told, or every five seconds; '
                'runsvdir looks again after one to five. `s6-svstat` takes '
                'one service at a time, and is run a thousand times.'),
    'alone': ('The small programs', 'µs', 0, False,
              'From vfork(2) to the end of the program; `true alone` is what '
              '`/bin/true` takes of the rows above. Where glibc is linked in, '
              'nearly all of it is its start.'),
    'alone calls': ('System calls of the small programs', 'calls', 0, False,
                    'From the exec on; the dynamic loader included.'),
    'alone instructions': ('Instructions of the small programs', 'thousand', 0,
                           False, 'Counted by callgrind, in user mode.'),
    'start': ('Start of so many services', 'ms', 0, False,
              'From the start of the scanner until every service and every '
              'logger has run its first instructions.'),
    'start cpu': ('CPU time of that start', 'ms', 0, False,
                  'Of all processes together, the services included.'),
    'stop': ('Stop of so many services', 'ms', 0, False,
             'From the signal to the scanner until every process is gone. '
             'daemontools needs `svc -dx` for all of them, which is run at the '
             'same time.'),
    'stop cpu': ('CPU time of that stop', 'ms', 0, False,
                 'Of all processes together, the services included.'),
    'scan memory': ('Memory of the supervisors', 'kB a service', 1, False,
                    'PSS of the scanner and of all supervisors, by the number '
                    'of services; the services and loggers do not count.'),
    'kernel memory': ('Memory of the kernel', 'kB a service', 1, False,
                      'Growth of slabs, kernel stacks, page tables and per-CPU '
                      'memory of the whole machine, that of the services '
                      'included: anything else that runs disturbs it.'),
    'memory': ('Memory, wake-ups, size', '', 2, False,
               'PSS, with twenty services that have loggers.'),
}


class Samples:
    def __init__(self, directory):
        with open(directory + '/samples.json') as f:
            got = json.load(f)
        self.about = got['about']
        self.peers = [tuple(p) for p in self.about['peers']]
        self.given = self.about['given']
        self.rows = {}
        for table, row, peer, values in got['samples']:
            self.rows.setdefault(table, {}).setdefault(row, {})[peer] = values

    def names(self, table):
        there = {p for row in self.rows[table].values() for p in row}
        return [p for p in [n for n, _ in self.peers] + ['cat'] if p in there]


def show(number, digits):
    return f'{number:,.{digits}f}'.replace(',', ' ')


def cell(values, digits):
    if not values:
        return '-'
    middle = statistics.median(values)
    # A small number needs more digits to be told from another one.
    if digits == 0 and middle < 10:
        digits = 1
    text = show(middle, digits)
    if len(values) > 1 and middle:
        text += f' ±{(max(values) - min(values)) / 2 / middle * 100:.0f}%'
    return text


def best_peer(samples, row, ours, more):
    """Of those that are installed; our musl build is also compared with those
    that were given."""
    best = None
    for name, kind in samples.peers:
        if kind == 'upkeep' or not row.get(name):
            continue
        if name in samples.given and ours != 'upkeep musl':
            continue
        middle = statistics.median(row[name])
        if best is None or (middle > best[0] if more else middle < best[0]):
            best = (middle, name)
    return best


def verdict(samples, row, name, more):
    """How many times better than the best peer, and 1 ahead, 0 tie, -1 behind;
    None if there is nothing to compare."""
    best = best_peer(samples, row, name, more)
    if not best or not row.get(name):
        return None
    ours, theirs = row[name], row[best[1]]
    middle = statistics.median(ours)
    if more:
        times = middle / best[0] if best[0] else float('inf')
    else:
        times = best[0] / middle if middle else float('inf')
    if best[0] == middle:
        return 1.0, 0
    overlap = min(ours) <= max(theirs) and min(theirs) <= max(ours)
    if abs(times - 1) < 0.03 or (len(ours) > 1 and overlap):
        return times, 0
    return times, 1 if times > 1 else -1


def times_text(v):
    if v is None:
        return '-'
    if v[0] == float('inf'):
        return 'none at all'
    return f'{v[0]:.2f}' + (' (tie)' if v[1] == 0 else '')


def table_text(samples, table):
    heading, unit, digits, more, why = TABLES[table]
    names = samples.names(table)
    ours = [n for n, k in samples.peers if k == 'upkeep' and n in names]
    lines = [f'## {heading}' + (f', {unit}' if unit else ''), '',
             why + (' More is better.' if more else ' Less is better.'), '',
             '| | ' + ' | '.join(names) + ' | ' +
             ' | '.join(f'{n} : best' for n in ours) + ' |',
             '|---' * (1 + len(names) + len(ours)) + '|']
    for name, row in samples.rows[table].items():
        cells = [cell(row.get(n), digits) for n in names]
        cells += [times_text(verdict(samples, row, n, more)) for n in ours]
        lines.append(f'| {name} | ' + ' | '.join(cells) + ' |')
    return '\n'.join(lines) + '\n'


def verdicts(samples, ours, tables):
    """How many rows we are ahead in and tie in, and lines on the others."""
    ahead, ties, behind = 0, 0, []
    for table in tables:
        more = TABLES[table][3]
        for name, row in samples.rows.get(table, {}).items():
            v = verdict(samples, row, ours, more)
            if v is None:
                continue
            ahead += v[1] == 1
            ties += v[1] == 0
            if v[1] == -1:
                behind.append(f'  * {TABLES[table][0]}, {name}: {v[0]:.2f} of '
                              + best_peer(samples, row, ours, more)[1])
    return [f'ahead in {ahead} rows, tied in {ties}, behind in {len(behind)}'
            + (':' if behind else '.')] + behind


def wanted(samples):
    """What was aimed at, and what has come out."""
    lines = verdicts(samples, 'upkeep', samples.rows)
    lines[0] = '* The glibc build beside the packages: ' + lines[0]
    if samples.given:
        more = verdicts(samples, 'upkeep musl',
                        ('alone', 'latency', 'scan memory', 'memory'))
        lines += ['* The musl build beside all of them, the static builds '
                  'included, in exec, svc, restart and memory: '
                  + more[0]] + more[1:]
    log = samples.rows.get('log', {})
    # Debian's loggers, with which five times was aimed at.
    low = [(verdict(samples, row, 'upkeep', True) or (0, 0))[0]
           for row in log.values()]
    if low:
        lines.append(f'* Log throughput is {min(low):.1f} to {max(low):.1f} '
                     'times that of the fastest peer (wanted: 5).')
    for name, row in log.items():
        if row.get('cat'):
            v = verdict(samples, row, 'cat', True)
            cpu = verdict(samples, samples.rows['log cpu'][name], 'cat', False)
            lines.append(f'  * {name}: `cat` is {v[0]:.1f} times as fast as '
                         f'the fastest peer, and takes {1 / cpu[0]:.2f} of '
                         'the CPU time of the best.')
    slow = [statistics.median(row['cat']) / statistics.median(row['upkeep'])
            for row in log.values() if row.get('cat') and row.get('upkeep')]
    if slow:
        lines.append(f'* `multilog` takes {min(slow):.2f} to {max(slow):.2f} '
                     'times as long as `cat` (wanted: 1.25 at most).')
    row = samples.rows.get('start', {}).get('1000 with loggers', {})
    if row.get('upkeep musl') and row.get('runit'):
        a, b = (statistics.median(row[n]) for n in ('upkeep musl', 'runit'))
        lines.append('* The musl build starts 1000 services with loggers in '
                     f'{a / b:.2f} of the time of `runsvdir` (wanted: 1 at '
                     'most).')
    stops = [f'{n}: {times_text(verdict(samples, row, "upkeep", False))}'
             for n, row in samples.rows.get('stop', {}).items()]
    if stops:
        lines.append('* All stopped, times faster than the best peer: '
                     + '; '.join(stops) + '.')
    return '\n'.join(lines) + '\n'


def about_text(samples):
    a = samples.about
    lines = [f'`{a["command"]}` on {a["date"]}, {a["took"]}, on {a["machine"]}. '
             'Medians; ± is half of the difference between the largest and '
             'the smallest, as a part of the median. The last columns say how '
             'many times better we are than the best peer; `(tie)`: the '
             'samples overlap, or are within 3 %.', '',
             '| | |', '|---|---|']
    lines += [f'| {name} | {what} |' for name, what in a['versions'].items()]
    lines += [''] + [f'* {n}' for n in a['notes']]
    return '\n'.join(lines).rstrip() + '\n'


# ------------------------------------------------------------- pictures

COLOURS = ['#0b6e4f', '#6bbf59', '#b23a48', '#e09f3e', '#335c81', '#7d4e9e',
           '#888888', '#00798c']


class Svg:
    def __init__(self, width, height):
        self.parts = [f'<svg xmlns="http://www.w3.org/2000/svg" '
                      f'width="{width}" height="{height}" '
                      f'viewBox="0 0 {width} {height}" '
                      'font-family="sans-serif" font-size="12">',
                      f'<rect width="{width}" height="{height}" '
                      'fill="white"/>']

    def text(self, x, y, text, anchor='start', colour='#222'):
        self.parts.append(f'<text x="{x:.0f}" y="{y:.0f}" fill="{colour}" '
                          f'text-anchor="{anchor}">{text}</text>')

    def rect(self, x, y, w, h, colour):
        self.parts.append(f'<rect x="{x:.0f}" y="{y:.0f}" width="{w:.1f}" '
                          f'height="{h:.0f}" fill="{colour}"/>')

    def line(self, points, colour, width=2):
        at = ' '.join(f'{x:.1f},{y:.1f}' for x, y in points)
        self.parts.append(f'<polyline points="{at}" fill="none" '
                          f'stroke="{colour}" stroke-width="{width}"/>')

    def write(self, path):
        with open(path, 'w') as f:
            f.write('\n'.join(self.parts + ['</svg>', '']))


def colour_of(samples, name):
    names = [n for n, _ in samples.peers] + ['cat']
    return COLOURS[names.index(name) % len(COLOURS)]


def bars(samples, path):
    rows = [r for r in samples.rows['log'] if r.endswith(', 120 B')]
    names = samples.names('log')
    most = max(statistics.median(v) for r in rows
               for v in samples.rows['log'][r].values())
    svg = Svg(720, 40 + len(rows) * (18 * len(names) + 26))
    svg.text(10, 20, 'Log throughput in memory, MB/s, lines of 120 bytes')
    y = 34
    for r in rows:
        svg.text(10, y + 14, r.split(',')[0])
        for name in names:
            if name not in samples.rows['log'][r]:
                continue
            value = statistics.median(samples.rows['log'][r][name])
            width = value / most * 420
            svg.rect(130, y, width, 14, colour_of(samples, name))
            svg.text(136 + width, y + 11, f'{name} {value:.0f}')
            y += 18
        y += 14
    svg.parts[0] = svg.parts[0].replace(
        f'height="{40 + len(rows) * (18 * len(names) + 26)}"', f'height="{y}"')
    svg.write(path)


def panel(svg, samples, left, title, points):
    """points: name: [(services, value)], both on logarithmic axes."""
    import math
    flat = [p for ps in points.values() for p in ps if p[1] > 0]
    if not flat:
        return
    x0, x1 = (math.log10(f(p[0] for p in flat)) for f in (min, max))
    y0 = math.floor(math.log10(min(p[1] for p in flat)))
    y1 = math.ceil(math.log10(max(p[1] for p in flat)))

    def at(p):
        return (left + 50 + (math.log10(p[0]) - x0) / max(x1 - x0, 1) * 200,
                290 - (math.log10(p[1]) - y0) / max(y1 - y0, 1) * 240)
    svg.text(left, 24, title)
    for e in range(y0, y1 + 1):
        y = at((10 ** x0, 10 ** e))[1]
        svg.line([(left + 50, y), (left + 250, y)], '#ddd', 1)
        svg.text(left + 44, y + 4, f'{10 ** e:g}', 'end')
    for n in sorted({p[0] for p in flat}):
        svg.text(at((n, 10 ** y0))[0], 308, str(n), 'middle')
    for name, ps in points.items():
        svg.line([at(p) for p in ps if p[1] > 0], colour_of(samples, name))


def curves(samples, path):
    svg = Svg(700, 330)
    numbers = [r for r in samples.rows['start'] if r.endswith(' with loggers')]
    names = samples.names('start')

    def points(table, scale):
        got = {}
        for name in names:
            for r in numbers:
                n = int(r.split()[0])
                v = samples.rows[table][r].get(name)
                if v:
                    got.setdefault(name, []).append(
                        (n, statistics.median(v) * scale(n)))
        return got
    panel(svg, samples, 10, 'Start with loggers, ms, by services',
          points('start', lambda n: 1))
    panel(svg, samples, 290, 'Memory of the supervisors, MB',
          points('scan memory', lambda n: n / 1024))
    for i, name in enumerate(names):
        svg.rect(570, 60 + 20 * i, 12, 12, colour_of(samples, name))
        svg.text(588, 70 + 20 * i, name)
    svg.write(path)


def write(directory):
    samples = Samples(directory)
    text = about_text(samples) + '\n## What was wanted\n\n' + wanted(samples)
    for table in TABLES:
        if table in samples.rows:
            text += '\n' + table_text(samples, table)
            if table == 'log':
                text += '\n![log throughput](performance-log.svg)\n'
            if table == 'start':
                text += '\n![start and memory](performance-start.svg)\n'
    with open(directory + '/performance.md', 'w') as f:
        f.write(text)
    if 'log' in samples.rows:
        bars(samples, directory + '/performance-log.svg')
    if 'start' in samples.rows:
        curves(samples, directory + '/performance-start.svg')


if __name__ == '__main__':
    write(sys.argv[1])
