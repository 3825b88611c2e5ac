"""The material of an invented company, written the way product pages really are, with questions about it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Page:
    title: str
    text: str
    modality: str = "text"


PAGES = (
    Page(
        "Pricing",
        """## Plans and prices

| Plan | Price per month | Conversations per month | Seats | Support |
|---|---|---|---|---|
| Starter | $49.99 | 500 | 2 | E-mail |
| Growth | $149 | 5,000 | 10 | E-mail and chat |
| Enterprise | from $900 | Unlimited | Unlimited | Dedicated manager |

All prices are in US dollars and exclude VAT. Paying annually saves 20 % compared with monthly billing.""",
    ),
    Page(
        "Pricing",
        """## Overage and add-ons

If you use more conversations than your plan includes, each extra conversation costs $0.09. We never cut you off in the middle of a month. The voice add-on costs $0.12 per minute, e.g. a five-minute call is $0.60. Additional seats are $15 per seat and month.""",
    ),
    Page(
        "Free trial",
        """# Try it first

Every plan starts with a 14-day free trial. No credit card is required. When the trial ends, your workspace is paused, not deleted: you have 60 days to pick a plan before the data is removed.""",
    ),
    Page(
        "Billing FAQ",
        """## Can I cancel at any time?

Yes. Monthly plans end at the close of the current month; annual plans run until the end of the paid year.

## Do you offer refunds?

We refund the first payment in full within 30 days. Later payments are not refunded.

## Which payment methods do you accept?

Visa, Mastercard and American Express on all plans. Enterprise customers can also pay by bank transfer or purchase order.""",
    ),
    Page(
        "Security overview",
        """# Security

Quillbase is certified to ISO 27001 and holds a SOC 2 Type II report, renewed every year by an independent auditor. Data is encrypted in transit with TLS 1.3 and at rest with AES-256. Customer data is stored in Frankfurt (EU) or Virginia (US); you choose the region when you create the workspace. It cannot be moved later without a migration by our team.""",
    ),
    Page(
        "Security overview",
        """## Penetration tests

An outside firm tests the product twice a year. A summary is available under NDA.

## Access control

Single sign-on with SAML 2.0 (Okta, Azure AD, Google Workspace) is part of Growth and Enterprise. SCIM provisioning is available on Enterprise only. Administrators can enforce two-factor authentication for everybody.""",
    ),
    Page(
        "Privacy and data retention",
        """# What we keep and for how long

Transcripts are kept for 90 days by default. Administrators can shorten this to 7 days or extend it to 24 months. Audio recordings are deleted after 30 days. We sign a data processing agreement (DPA) with every customer who asks. Your conversations are never used to train models for other customers.

To erase the data of a single person under GDPR, open Settings › Privacy, search for the e-mail address and press Erase. The deletion is complete within 72 hours.""",
    ),
    Page(
        "Integrations",
        """# Works with your tools

Quillbase connects to the following systems out of the box:

- Salesforce (two-way sync of leads and contacts)
- HubSpot (contacts, deals and activities)
- Zendesk (hands over open conversations as tickets)
- Slack (alerts for hot leads)
- Google Calendar and Outlook (booking)

Anything else can be reached with webhooks or through Zapier.""",
    ),
    Page(
        "Salesforce integration",
        """## How leads reach Salesforce

When a visitor leaves an e-mail address, a lead is created in Salesforce within 60 seconds. The full transcript is attached as a note. Fields that get updated: Lead Source, Status, Last Activity and any custom field you map. The sync runs in both directions, i.e. a change of owner in Salesforce shows up in Quillbase too.""",
    ),
    Page(
        "Getting started",
        """# Go live in four steps

1. Create a workspace and choose a region.
2. Upload your documents or enter the address of your website.
3. Adjust the tone, colours and opening questions.
4. Paste one line of script into your site.

Most teams are live within two days. Enterprise onboarding takes three to four weeks, because it includes SSO, a security review and a training session.""",
    ),
    Page(
        "Getting started",
        """## What you can upload

PDF, Word, PowerPoint, Markdown and plain text. A single file may be up to 50 MB. Scanned PDFs are read with text recognition, which
takes longer: plan about one minute per page. Videos must have captions (WebVTT), otherwise only the title is searchable.""",
    ),
    Page(
        "Languages",
        """# Languages

The assistant answers in 29 languages, among them German, French, Spanish, Italian, Dutch, Polish and Japanese. It detects the visitor's language by itself. Voice is available in English, German, French and Spanish. The admin console is in English only.""",
    ),
    Page(
        "Service level",
        """# Service level agreement

We promise 99.9 % uptime per calendar month on Growth and 99.95 % on Enterprise. For every full hour below that, 5 % of the monthly fee is credited, up to 50 %. Starter has no uptime guarantee. Planned maintenance is announced five days ahead and takes place on Sundays between 02:00 and 04:00 UTC.""",
    ),
    Page(
        "Support",
        """# How to get help

| Plan | Channel | First response | Hours |
|---|---|---|---|
| Starter | E-mail | 1 business day | Mon-Fri 9-17 CET |
| Growth | E-mail, chat | 4 hours | Mon-Fri 8-20 CET |
| Enterprise | E-mail, chat, phone | 30 minutes | 24/7 |

Write to the team at support@quillbase.example.""",
    ),
    Page(
        "About us",
        """# The company

Quillbase was founded in 2017 in Tallinn by Maarja Lepik and Tom Adeyemi. Today 140 people work in offices in Tallinn, Berlin and Toronto. Dr. Lepik leads the company as CEO; Mr. Adeyemi is responsible for the product. More than 1,200 companies use Quillbase, among them banks, hospitals and software makers.""",
    ),
    Page(
        "Case study: Vantage Clinics",
        """# Vantage Clinics answers patients at night

Vantage Clinics runs 38 practices. Before Quillbase, 40 % of the enquiries arrived outside office hours and waited until morning. Within three months the assistant resolved 62 % of all enquiries without a person. The clinics saved 310 working hours per month. "Our receptionists finally have time for the people in front of them," says Ines Coelho, head of operations.""",
    ),
    Page(
        "Lead scoring",
        """# How lead scoring works

Each conversation gets a score between 0 and 100. It is calculated from three signals: fit (company size and industry), intent (questions about price, timing or contracts) and engagement (length and depth of the conversation). Leads above 70 are marked as hot and announced in Slack. You can change the weights in Settings.""",
    ),
    Page(
        "API reference",
        """# Limits

Version v2.1 of the API allows 120 requests per minute per key. Beyond that the server answers with status 429 and a Retry-After header. Responses are paginated with 100 items per page. Keys can be rotated in Settings › API; the old key stays valid for 24 hours.""",
    ),
    Page(
        "API reference",
        """# Webhooks

Quillbase sends these events:

- conversation.started
- conversation.ended
- lead.created
- lead.updated
- meeting.booked

Each delivery is signed with HMAC-SHA256 and repeated up to 8 times over 24 hours when your server does not answer.""",
    ),
    Page(
        "Product features by plan",
        """| Feature | Starter | Growth | Enterprise |
|---|---|---|---|
| Custom branding | No | Yes | Yes |
| Single sign-on | No | Yes | Yes |
| Audit log | No | No | Yes |
| Knowledge base size | 100 pages | 2,000 pages | Unlimited |
| A/B testing | No | Yes | Yes |""",
    ),
    Page(
        "Analytics dashboard",
        "Screenshot of the analytics dashboard: on the left the number of conversations per week, in the middle the share of "
        "questions that could not be answered (8 %), on the right the meetings booked per sales representative.",
        "image",
    ),
    Page(
        "Architecture diagram",
        "Diagram of the data flow: the visitor's browser talks to the edge network, the edge forwards to the conversation "
        "service, which asks the search index and the language model. No data leaves the chosen region.",
        "image",
    ),
    Page(
        "Product tour",
        "Now I open the routing page. Here you decide who gets which lead: by country, by company size, or simply in turn. "
        "I drag the enterprise rule to the top, press Publish, and the new rule is active at once.",
        "video",
    ),
    Page(
        "Roadmap slide",
        """What comes next
WhatsApp channel: Q2 2027
On-premises edition: not planned
Mobile app for iOS and Android: Q3 2027""",
        "slide",
    ),
    Page(
        "Why teams choose us",
        """# Why teams choose Quillbase

Unlike chat tools that only collect an e-mail address, Quillbase answers from your own documents and shows its sources. It says so when it does not know. There is no setup fee and no minimum contract on Starter and Growth.""",
    ),
)

ANSWERABLE = (
    ("How much does the Growth plan cost?", "$149"),
    ("What's the price of Starter?", "$49.99"),
    ("How many conversations are included in Growth?", "5,000"),
    ("how many seats do I get with starter", "2"),
    ("What do your plans cost?", "Enterprise: from $900"),
    ("Is there a discount if we pay annually?", "20 %"),
    ("What does an extra conversation cost?", "$0.09"),
    ("How expensive is the voice add-on per minute?", "$0.12"),
    ("Do you have a free trial and how long is it?", "14-day"),
    ("Do I need a credit card for the trial?", "No credit card is required"),
    ("Can I cancel at any time?", "end of the paid year"),
    ("Do you give refunds?", "within 30 days"),
    ("Can we pay by bank transfer?", "bank transfer or purchase order"),
    ("Are you SOC 2 certified?", "SOC 2 Type II"),
    ("Where is our data stored?", "Frankfurt"),
    ("How is data encrypted at rest?", "AES-256"),
    ("Do you support single sign-on with Okta?", "SAML 2.0"),
    ("Which plan has SCIM?", "Enterprise only"),
    ("How often are penetration tests done?", "twice a year"),
    ("How long do you keep transcripts?", "90 days"),
    ("When are audio recordings deleted?", "after 30 days"),
    ("Do you sign a DPA?", "data processing agreement"),
    ("How do I delete someone's data under GDPR?", "press Erase"),
    ("Which integrations do you have?", "Zendesk"),
    ("Does it work with HubSpot?", "contacts, deals and activities"),
    ("How quickly does a lead show up in Salesforce?", "within 60 seconds"),
    ("Which CRM fields are updated?", "Last Activity"),
    ("How do I get started? What are the steps?", "Paste one line of script"),
    ("How long does enterprise onboarding take?", "three to four weeks"),
    ("What is the maximum file size?", "50 MB"),
    ("Which file formats can I upload?", "PowerPoint"),
    ("Which languages does the assistant speak?", "German, French, Spanish"),
    ("Is the admin console available in German?", "English only"),
    ("What uptime do you guarantee?", "99.9 %"),
    ("What is the first response time for Enterprise support?", "30 minutes"),
    ("Who founded Quillbase?", "Maarja Lepik"),
    ("When was the company founded?", "2017"),
    ("How many employees do you have?", "140"),
    ("What results did Vantage Clinics get?", "62 %"),
    ("How is lead scoring calculated?", "fit (company size and industry)"),
    ("What are the rate limits of the API?", "120 requests per minute"),
    ("Which webhook events do you send?", "meeting.booked"),
    ("Is an audit log part of Growth?", "Growth: No"),
    ("How many pages fit into the knowledge base on Growth?", "2,000 pages"),
    ("What is on the analytics dashboard?", "meetings booked per sales representative"),
    ("How does the data flow from the browser to the model?", "edge network"),
    ("How do I route leads by country?", "by company size"),
    ("When will there be a mobile app?", "Q3 2027"),
    ("Is there a setup fee?", "no setup fee"),
    ("do you have an integraton with zendesk", "Zendesk"),
)

OUT_OF_SCOPE = (
    "What's the weather like in Berlin today?",
    "What is the capital of France?",
    "How much does Intercom charge?",
    "What does Drift cost per month?",
    "Who is the president of the United States?",
    "Can you write me a poem about autumn?",
    "How do I bake sourdough bread?",
    "Is Bitcoin a good investment?",
    "How many people live in Tokyo?",
    "Who won the world cup in 2014?",
    "Do you sell running shoes?",
    "Are you HIPAA compliant?",
    "Do you have an office in Singapore?",
    "What is your stock ticker?",
    "Do you support SAP?",
    "Which football team does the CEO like?",
    "What is the meaning of life?",
    "Can I rent a car with you?",
    "How tall is Mount Everest?",
    "Translate 'good morning' into Swahili",
)
