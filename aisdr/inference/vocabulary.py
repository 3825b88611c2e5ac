"""What the extractive model knows about English: the words that say little, and those that buyers use for one thing."""

import re

STOP = """
    a an the and or but nor so yet if then than as at by for from in into of off on onto out over per to under
    up upon via with without about above after again against all also am any are aren be because been before
    being below between both can cannot could did do does doing don done down during each else ever every few
    had has have having he her here hers him his how i im ill id ive is isn it its itself just let lets me more
    most much many must my myself no not now once only other our ours own please same shall she should some such
    that thats the their theirs them there these they this those through too until us very was we were what
    whats when where which while who whom whose why will would you your yours yourself thank thanks tell know
    like want wonder wondering hi hello hey ok okay get gets got give gives go going say said see look really
    getting giving having making taking
    actually maybe anything something someone somebody anyone exactly around list explain describe summarize
    summarise show name mention called may might explain regarding concerning difference differ different
    compare comparison versus vs one ones happen happens happened happening within among across toward towards
    whether however therefore
"""

# Words that say what a question wants without saying what it is about: they count, but little.
WEAK = """
    offer provide support have include work use need make take come available possible allow able happen time
    times company product platform software app solution service tool system thing way kind type sort different
    main good best long often soon fast various certain specific many usual typical general today currently
    nowadays right guarantee promise try
"""

# One line: words that a visitor and a product page use for the same thing. Those before a colon are also answered by
# those behind it, but not the other way round.
KIN = """
    price pricing cost charge fee pay payment expensive cheap budget rate
    cheapest: price cost lowest free
    integration integrate connect connector connection sync plug interoperate
    secure security safe safety protect protection: encrypt
    encrypt encryption encrypted
    subtitle caption captions
    version edition
    respond response react reaction reply answer
    downtime outage: uptime unavailable
    compensation compensate: credit credited refund
    schedule: planned
    run: lead leads head manage ceo
    ceo: chief executive
    store stored storage host hosted hosting located residency reside
    keep retain retention kept
    delete erase remove deletion erasure purge
    language languages multilingual speak translate translation
    start begin onboard onboarding setup install installation implement implementation deploy rollout launch
    undo revert: back reversed
    cancel cancellation terminate termination quit leave: notice
    additional extra further more another
    unsure uncertain: confidence doubt
    appear show arrive shown appears
    aim goal target: least
    contract commitment agreement
    refund reimburse reimbursement moneyback
    bill billing invoice invoicing
    annual annually yearly year
    month monthly
    user seat teammate member
    limit maximum max cap quota
    maximum max: longest largest highest most
    length duration: long longest last
    uptime availability sla
    certify certified certification certificate compliant compliance
    audit audited auditor
    discount reduction saving save
    trial free
    contact reach talk speak: channel
    picture image photo screenshot illustration diagram
    video clip: recording
    fast quick speed latency delay
    buy purchase order
    customer client
    founder founded establish established
    employ employee staff headcount
    guarantee promise
    rise rose risen: increase grow grew improve gain
    result outcome benefit achievement
    result outcome benefit: save saved resolve improve reduce increase
    format: pdf csv docx powerpoint
    crm: salesforce hubspot
    document file pdf
    human person agent operator
    agent assistant bot representative
    accurate accuracy precise precision
    accurate accuracy reliable: error
    check monitor watch track refresh update
    conversation chat dialogue: transcript
    down offline unavailable broken fail failed failure outage: reached refused
    try test: trial pilot
    store save record: keep kept hold
    vendor provider supplier
    bounded bound limited: limit
    small tiny: fewer
    upgrade switch change
    teach train training learn
    phone telephone call
    mobile ios android smartphone
    big large size
    allow permit let
    gdpr privacy
    measure metric kpi analytics report reporting
    website site webpage
    own belong owner ownership
    job role occupation profession
    defeat beat
    author write wrote written
    die died death
    bear born birth birthplace
"""

# Phrases that say a thing without its word.
PHRASES = (
    (re.compile(r"\b(?:up to|at most|no more than)(?= (?:\w+ )?\d)"), "maximum"),
    (re.compile(r"\b(\d+ ?[kmgt]b)\b"), r"\1 size"),
    (re.compile(r"\bsingle sign.on\b"), "single sign on sso"),
    (re.compile(r"\beuropean union\b"), "european union eu"),
    (re.compile(r"\bunited states\b"), "united states usa"),
    (
        re.compile(
            r"\b(?:who (?:is it|is this|are you) for|who uses (?:it|this|you)|who are your (?=customers|clients|users))"
        ),
        "audience ",
    ),
    (re.compile(r"\b(?:built|made|designed|meant) for\b"), r"\g<0> audience"),
    (re.compile(r"\baround the clock\b"), "24 7"),
    (re.compile(r"\bcompanies (?=use\b)"), "customers "),
    (re.compile(r"\brate.limits?\b"), "ratelimit"),
    (re.compile(r"\brequests (?:a|per|every) (?:second|minute|hour|day)\b"), r"\g<0> ratelimit"),
    (re.compile(r"\bmoney.back\b"), "refund"),
    (re.compile(r"\bset up\b"), "setup"),
    (re.compile(r"\bpeople (?=work)"), "employees "),
    (re.compile(r"%"), " percent"),
)
