"""Selectors that browsers take, and some that never find an element; both are tried in a browser as well."""

VALID = (
    "main", "main .product-below", "#hero", "*", "a, b ,c", " main > .news ", "a>b+c~d", "a  >  b",
    "li:first-child", ":is(h1, h2)", ":is()", ":where(.a, .b) > p", ":not(.a):not([hidden])",
    "section:has(> a)", ":has(+ p, > a)", '[data-x="a]b" i]', "[data-x='it\\'s']", "[ data-x ]",
    "[data-x~=a][data-y|=b][data-z^='c']",
    "[data-x$='<{}>']", "[*|href]", "*|a", "|a", "#a\\:b", ".\\31 0", ".w-1\\/2", ".md\\:grid > *", "._x",
    ".-x", ".--x", "--x", ".åäö", ".😀", "li:nth-child(2n+1 of .x)", "li:nth-last-of-type(-n + 3)",
    ":lang(sv)", ":dir(rtl)",
    ":root", ":scope > body", "& .x", "x-card:state(open)", "x-card:defined", "dialog:open", ":popover-open",
    "main /* the middle */ > p", ".a/*'*/.b", "body:not(:has(.cart)) main", "a:is(:hover, :focus-visible)",
    "[id='a\\\n b']", "h1,\n\th2", "A.B#C", ".a1.b2", ":host",
)  # fmt: skip

WRONG = {
    "<<<bad[": "bracket", "<main>": "sign", "div {": "sign", ".a { color: red }": "sign", "main;": "sign",
    "$('.a')": "sign", "a = b": "sign", "@media": "sign", "a!": "sign", "a / b": "sign", "[]": "sign",
    "(a)": "sign", "a (b)": "sign", "a\x00b": "sign", "a\x07": "sign", "a\\": "sign",
    '"main"': "sign", "[x='y]": "quote", "main'": "quote", '.a"': "quote", "[x='a\nb']": "quote",
    "a[b": "bracket", "a]": "bracket", ":is(a": "bracket", ":not(.a]": "bracket", "a)": "bracket",
    "div:::x >>": "name", "a:": "name", "a: hover": "name", ":1": "name", ".": "name", ". a": "name",
    "#": "name", ".1a": "name", "#1": "name", "1a": "name", "a > 1": "name", "a..b": "name", "##a": "name",
    "> a": "joint", "a >": "joint", "a >> b": "joint", "a > + b": "joint", "a,": "joint", ", a": "joint",
    "a,,b": "joint", " ": "joint", "/* a */": "joint", "~": "joint",
    "x-card::part(button)": "part", "p::before": "part", ".a, p::first-line": "part",
}  # fmt: skip
"""By selector, which of the faults it has. Browsers mend what only lacks its end, and take what has parts."""

MENDED = ("a[b", ":is(a", "a\\", "[x='y]", "a\x00b")
AHEAD = ("[data-x=a s]", ':lang("sv", nb)', "a || b")
"""Written as the standard has it, which not every browser takes."""
