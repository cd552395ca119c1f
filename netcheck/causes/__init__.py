"""What netcheck knows of each cause, as data: one file a cause, in a folder for its rung.

A cause is `RUNG/CAUSE_ID.toml`. Ids are public: added to, never renamed. To add a cause, add its
file; nothing else names it. Then run

    netcheck causes CAUSE_ID         which names what is wrong with the file
    python -m pytest tests/unit/correlator/test_catalogue.py tests/unit/correlator/test_examples.py
    python -m pytest tests/unit/correlator/rules/test_user_answers.py      (the `said` rows)

A file holds these, all required but those marked with *

    place *                          where it stands among the causes of its rung (10, 20, …), each
                                     place once; without one, first
    owner                            who must act: you, router, isp, cloud or device
    stops_connection                 does it keep the device off the cloud
    title, headline, remedy          what a person reads; headline is one sentence
    ask_it *                         one sentence to send to the owner; there if and only if that
                                     is router, isp or cloud
    explain, sources                 why, and who says so; device-os@TAG:path is a file of
                                     github.com/particle-iot/device-os, particle-cli@TAG:path
                                     likewise; "Particle docs" are pages of docs.particle.io
    rows *                           leave it out: numbers of notes that are not in the project
    prior                            1 (rare) to 9 (common) in support threads and the maker's
                                     advice; it orders causes that the evidence leaves equal
    elsewhere *                      another owner, headline, remedy and ask_it, for where a rule
                                     of its clues shows another place
    request *, no_request *          of router and isp: the change to ask for, as a table (where,
                                     change, why; protocol, port, direction, names, idle_s, note),
                                     or why asking for one does not help
    for *, against *                 clues, as [[for]] and [[against]]
    examples                         last: what tests run, and nothing else reads

A clue has a weight, says what was seen, and is either one condition, or the name of a `rule`, or
conditions in the lists `all_of`, `any_of` (at least one), `none_of`, and `given` (must hold, and
is not cited as evidence). `weight` is decisive, strong or weak; `context = true`: it counts only
beside other evidence. What rests on a user's free text (`words`) only hints: its weight is weak.
A clue that leaves out a key holds for all its values: one without `outcome` also for what failed.
A condition has

    of       device (default), control, network, any, elsewhere (another network)
    fact     from the vocabulary; or `rule`: what that rule found
    outcome  ok, failed, unclear; any if absent          reason   one of these
    value    the datum `value` is one of these           source   begins with one of these
    data     each holds: "rtt_ms >= 2000", "place = router|isp", "portal != x", "portal" (there is
             one), "no security" (there is none); versions compare as versions
    words    this pattern is in the text a user wrote, in lower case, and `unless` is not;
             with `meant` not where its clause denies it, with `denied` only there
    ever     in any try of the device, not in this one alone

`same_target = true`: only observations of one target, common to all of `all_of` and `given`.

`examples` has two tables of text. `clues`: for every clue a row `WEIGHT SIDE | observations` that
shows it, and nothing near them does (`context` before the weight where the clue is one);
`tests/helpers/examples.py` describes the notation. `said`: what users tell, `PLACE | light |
answers`, and that the cause must be the first, among the first three (third), or stand (any).

What to test next comes from the clues: a clue that is strong or decisive, about a fact that a
method of `netcheck.correlator.advice.further_tests` settles, makes that method advice wherever the
cause stands. A cause that the same evidence shows as another gets a group in `groups.toml`, whose
`tells_apart` names the test.

Beside the causes: `groups.toml`, causes that look alike; `rules.toml`, conditions that several
clues share, under a name; `words.toml`, words of users, likewise; `user_answers.toml`, what each
answer of a user says for and against which causes. It adds clues to the causes it names, so a page
of `netcheck causes` shows more clues than the cause's own file. A new cause has none from there
until an answer's lists, or a set (`@name`), name it. `known_issues.toml`, what broke or was mended
with which version of Device OS, adds clues to `firmware_bug` likewise.
"""
