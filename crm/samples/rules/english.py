"""The sample firm in the words of each trade, in English."""

from dataclasses import replace

from crm.samples.rules.firm import ENGLISH, Firm

_FAMILIES = tuple(
    (f"{name} family", city, "Family")
    for name, city in zip(
        ENGLISH.last_names,
        ("Leeds", "York", "Otley", "Skipton", "Leeds", "Ilkley", "Ripon", "Leeds") * 2,
        strict=True,
    )
)

BY_TRADE: dict[str, Firm] = {
    "trading": replace(
        ENGLISH,
        products=(
            ("Hex bolt M8, box of 500", "HB-008", "Fasteners", 42),
            ("Cable drum, 3 × 2.5 mm²", "CD-325", "Electrical", 310),
            ("LED panel 60 × 60", "LP-660", "Lighting", 58),
            ("Ball valve, brass 1 inch", "BV-100", "Fittings", 19),
            ("Pallet wrap, 24 rolls", "PW-024", "Packing", 96),
            ("Work gloves, 120 pairs", "WG-120", "Safety", 145),
        ),
        works=(
            "Container of fasteners",
            "Yearly contract for cable",
            "LED panels for three sites",
            "Trial order of valves",
            "Packing material, second half-year",
            "Gloves for the spring season",
            "Mixed container, autumn",
        ),
        notes={
            "note": ("Needs the certificate of origin with every lot.", "Pays by letter of credit, 60 days."),
            "call": ("Sample arrived and is being tested.", "Asked for a price at 20 pallets and at 40."),
            "meeting": (
                "Went through the assortment and agreed a first order.",
                "Talked about exclusive supply in the north.",
            ),
            "visit": ("Saw the warehouse: racks are half empty, reorder due in six weeks.",),
        },
        steps=(
            "Send the quotation",
            "Book the sample",
            "Ask about the test result",
            "Confirm the shipping date",
            "Check the letter of credit",
        ),
    ),
    "agency": replace(
        ENGLISH,
        products=(
            ("Strategy workshop, one day", "AG-010", "Strategy", 2400),
            ("Brand design", "AG-020", "Design", 9800),
            ("Website concept", "AG-030", "Digital", 6400),
            ("Campaign month", "AG-040", "Campaigns", 5200),
            ("Retainer, one month", "AG-100", "Retainers", 3200),
        ),
        works=(
            "Brand relaunch",
            "Website and shop",
            "Spring campaign",
            "Employer branding",
            "Annual report",
            "Retainer renewal",
            "Launch film",
            "Trade fair stand",
        ),
        notes={
            "note": ("The board wants two routes, one of them brave.", "Budget runs from April to March."),
            "call": ("Liked the second route; asks for a proof of concept.", "Pitch moved by a week."),
            "meeting": (
                "Briefing: three audiences, one promise.",
                "Pitch went well; four agencies are left.",
            ),
            "visit": ("Spent a day in the shop and talked to customers.",),
        },
        steps=(
            "Write the rebriefing",
            "Rehearse the pitch",
            "Send the contract",
            "Plan the kick-off",
            "Ask about the retainer",
        ),
    ),
    "equipment": replace(
        ENGLISH,
        products=(
            ("Screw compressor 22 kW", "SC-022", "Compressors", 14800),
            ("Refrigerated dryer", "RD-040", "Treatment", 3900),
            ("Forklift 2.5 t, electric", "FL-250", "Lifting", 27500),
            ("Service visit", "SV-001", "Service", 420),
            ("Service contract, one year", "SC-365", "Service", 2900),
            ("Filter set", "FS-022", "Parts", 180),
        ),
        works=(
            "New compressor for hall 2",
            "Replace two forklifts",
            "Service contract, three sites",
            "Heat recovery",
            "Overhaul before winter",
            "Rental bridge for the audit",
            "Dryer and pipework",
        ),
        notes={
            "note": ("Machine runs 6,000 hours a year; oil analysis due.", "Warranty ends in March."),
            "call": (
                "Pressure drops in the afternoon; technician is booked.",
                "Asks for leasing over 48 months.",
            ),
            "meeting": (
                "Compared two sizes; energy saving decides.",
                "Agreed the dates of maintenance for the year.",
            ),
            "visit": ("Read the counter: 18,240 hours. Belt worn, coupling fine.",),
        },
        steps=(
            "Send the offer",
            "Book the technician",
            "Remind of the contract",
            "Order the filter set",
            "Plan the installation",
        ),
    ),
    "school": replace(
        ENGLISH,
        accounts=_FAMILIES,
        job_titles=("Mother", "Father", "Guardian"),
        products=(
            ("English course, one term", "EN-101", "Languages", 380),
            ("Piano, ten lessons", "PN-110", "Music", 420),
            ("Holiday camp, one week", "HC-200", "Camps", 290),
            ("Exam preparation", "EX-300", "Exams", 240),
            ("Private lesson", "PL-001", "Lessons", 45),
        ),
        works=(
            "Place in the beginners' class",
            "Piano from September",
            "Summer camp, two children",
            "Exam in June",
            "Change to the afternoon group",
            "Trial month",
            "Second language",
        ),
        notes={
            "note": ("Can come on Tuesdays and Thursdays only.", "Older sister was here two years ago."),
            "call": ("Asked about the size of groups and the fees.", "Will decide after the trial lesson."),
            "meeting": ("Placement test: level A2, a little shy.", "Showed the rooms and met the teacher."),
            "visit": ("Came to the open day with both children.",),
        },
        steps=(
            "Book the trial lesson",
            "Send the form",
            "Ring about the place",
            "Confirm the timetable",
            "Remind of the fees",
        ),
    ),
}
