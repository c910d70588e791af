#!/usr/bin/python3
"""The state of all services in $SVDIR, with buttons to start, stop and restart
them and the end of their logs.  A button is a POST, and taken only from a page
of this server.  Nothing is done by scripts in the browser."""

import html
import json
import os
import subprocess
import sys
import time
import urllib.parse

ORDERS = {
    "start": ["-u", "-wU"],
    "stop": ["-d", "-wD"],
    "restart": ["-r", "-wR"],
}
LOG_BYTES = 8000

STYLE = """
:root { color-scheme: light dark; --line: #8884; }
body { font: 16px/1.4 system-ui, sans-serif; margin: 0 auto; padding: 1rem;
  max-width: 70rem; }
h1 { font-size: 1.3rem; }
article { border-top: 1px solid var(--line); padding: .8rem 0; }
header { display: flex; flex-wrap: wrap; gap: .6rem; align-items: center; }
h2 { font-size: 1.05rem; margin: 0; min-width: 9rem; overflow-wrap: anywhere; }
.state { border-radius: 1rem; padding: .05rem .7rem; color: #fff;
  background: #777; }
.ready, .running { background: #1a7f37; }
.failed, .backoff, .lost { background: #c62828; }
.starting, .stopping, .finishing { background: #9a6700; }
form { margin-left: auto; display: flex; gap: .4rem; }
button { font: inherit; padding: .2rem .8rem; border-radius: .4rem;
  border: 1px solid var(--line); cursor: pointer; }
p { margin: .3rem 0; }
.error { color: #c62828; }
pre { overflow: auto; max-height: 20rem; padding: .6rem;
  border: 1px solid var(--line); border-radius: .4rem; font-size: .85rem; }
footer, .facts { opacity: .75; font-size: .9rem; }
"""


def services():
    names = [n for n in sorted(os.listdir(".")) if n[0] != "."]
    # One that is not supervised has no JSON but a line that says so.
    out = subprocess.run(["svstat", "-j", "--"] + names, stdout=subprocess.PIPE)
    found = {}
    for line in out.stdout.decode("utf-8", "replace").splitlines():
        if line.startswith("{"):
            s = json.loads(line)
            found[s["name"]] = s
    return [found.get(n, {"name": n, "state": "lost"}) for n in names]


def span(seconds):
    for size, unit in (86400, "d"), (3600, "h"), (60, "min"):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def facts(s):
    if s["state"] == "lost":
        return "not supervised"
    text = f"for {span(int(s.get('updownfor') or 0))}"
    if s.get("since"):
        text += time.strftime(", since %Y-%m-%d %H:%M:%S UTC",
                              time.gmtime(s["since"]))
    if s.get("pid"):
        text += f", pid {s['pid']}"
    restarts = max((s.get("starts") or 1) - 1, 0)
    text += f", {restarts} restart{'' if restarts == 1 else 's'}"
    if s.get("exit_signal"):
        text += f", last end: signal {s['exit_signal']}"
    elif s.get("exit_code") is not None:
        text += f", last end: exit code {s['exit_code']}"
    return text


def log_of(name):
    try:
        with open(os.path.join(name, "log/main/current"), "rb") as f:
            f.seek(0, 2)
            size = f.tell()
            f.seek(max(size - LOG_BYTES, 0))
            text = f.read().decode("utf-8", "replace")
            return text if size <= LOG_BYTES else text.partition("\n")[2]
    except OSError as e:
        return e.strerror


def article(s):
    e = html.escape
    name = e(s["name"])
    buttons = "".join(f'<button name="do" value="{o}">{o}</button>'
                      for o in ORDERS)
    trouble = " ".join(filter(None, (s.get("error"), s.get("status_text"))))
    return f"""<article id="{name}"><header><h2>{name}</h2>
<span class="state {e(s['state'])}">{e(s['state'])}</span>
<form method="post"><input type="hidden" name="service" value="{name}">
{buttons}</form></header><p class="facts">{e(facts(s))}</p>
{f'<p class="error">{e(trouble)}</p>' if trouble else ''}
<details><summary>log</summary><pre>{e(log_of(s['name']))}</pre></details>
</article>"""


def page(message=""):
    body = "".join(article(s) for s in services())
    host = html.escape(os.uname().nodename)
    send("200 OK", f"""<!DOCTYPE html><html lang="en"><head>
<meta charset="utf-8"><title>services of {host}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>{STYLE}</style></head><body><h1>Services of {host}</h1>
{f'<p class="error">{html.escape(message)}</p>' if message else ''}{body}
<footer>{time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime())}
&middot; <a href="./">look again</a></footer></body></html>""")


def send(status, body, *headers):
    sys.stdout.write("\r\n".join((
        "Status: " + status, "Content-Type: text/html; charset=utf-8",
        "Cache-Control: no-store", "X-Frame-Options: DENY",
        "Content-Security-Policy: default-src 'none'; form-action 'self'; "
        "style-src 'unsafe-inline'; frame-ancestors 'none'", *headers))
        + "\r\n\r\n" + body)


def same_origin():
    """Browsers say where a POST comes from; what says nothing is refused."""
    site = os.environ.get("HTTP_SEC_FETCH_SITE")
    origin = os.environ.get("HTTP_ORIGIN", "")
    if site is not None and site != "same-origin":
        return False
    return urllib.parse.urlsplit(origin).netloc == os.environ["HTTP_HOST"]


def order():
    if not same_origin():
        return send("403 Forbidden", "Refused: not from this page.")
    length = min(int(os.environ.get("CONTENT_LENGTH") or 0), 4096)
    form = urllib.parse.parse_qs(sys.stdin.read(length))
    name = form.get("service", [""])[0]
    what = form.get("do", [""])[0]
    if what not in ORDERS or name not in [s["name"] for s in services()]:
        return send("400 Bad Request", "No such service or order.")
    out = subprocess.run(["svc", *ORDERS[what], "-T", "15000", "./" + name],
                         stderr=subprocess.PIPE)
    sys.stderr.write(f"{os.environ.get('REMOTE_USER')}: {what} {name}: "
                     f"exit code {out.returncode}\n")
    if out.returncode:
        return page(out.stderr.decode("utf-8", "replace") or
                    f"{what} {name}: not done")
    send("303 See Other", "", "Location: ./#" + urllib.parse.quote(name))


os.chdir(os.environ.get("SVDIR", "/service"))
if os.environ.get("REQUEST_METHOD") == "POST":
    order()
else:
    page()
