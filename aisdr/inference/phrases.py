"""The sentences around an answer, in the languages that the representative has them in; facts are never among them."""

from dataclasses import dataclass

from aisdr.inference.base import NOTHING_FITS


@dataclass(frozen=True)
class Phrases:
    """The frame of an answer in one language. `{company}`, `{names}`, `{language}` and `{said}` are filled in."""

    nothing_fits: str
    not_searched: str
    """Instead of it when the search failed: then nobody knows what the material holds."""
    offer_meeting: str
    offer_contact: str
    offer_person: str
    material_says: str
    in_english: str
    """Behind it, when the quotation that follows is."""
    hello: str
    thanks: str
    farewell: str
    invitation: str
    is_ai: str
    calm: str
    person: str
    not_mentioned: str
    cannot_confirm: str
    fair: str
    subject: str
    declined: str
    you_asked: str
    you_said: str
    nothing_said: str


PHRASES = {
    "en": Phrases(
        nothing_fits=NOTHING_FITS,
        not_searched="I cannot look that up just now: please ask again in a moment",
        offer_meeting="I can arrange a meeting with the team: just say so.",
        offer_contact="If you leave your e-mail address, the team can get back to you.",
        offer_person="If you would rather talk to a person, just say so.",
        material_says="Here is what the material says{language}:",
        in_english=" (in English)",
        hello="Hello!",
        thanks="You're welcome! Is there anything else you'd like to know?",
        farewell="Goodbye, and thank you for stopping by!",
        invitation="What would you like to know about {company}?",
        is_ai="I'm not a human: I'm an AI that speaks for {company}.",
        calm="I'm sorry this has been frustrating.",
        person="I can't put a person on the line, but the team can get back to you: leave your e-mail address here.",
        not_mentioned="My material does not mention {names}.",
        cannot_confirm="I can't confirm that.",
        fair="I would rather not judge other companies; I can tell you what {company} does.",
        subject="I can help with questions about {company}.",
        declined="That is not something I can do here.",
        you_asked="You asked: “{said}”",
        you_said="You said: “{said}”",
        nothing_said="You have not asked me anything before this.",
    ),
    "de": Phrases(
        nothing_fits="Das steht nicht in meinem Material",
        not_searched="Ich kann das gerade nicht nachsehen: Bitte fragen Sie gleich noch einmal",
        offer_meeting="Ich kann ein Gespräch mit dem Team vereinbaren: Sagen Sie es einfach.",
        offer_contact="Wenn Sie Ihre E-Mail-Adresse hinterlassen, meldet sich das Team bei Ihnen.",
        offer_person="Wenn Sie lieber mit einem Menschen sprechen, sagen Sie es einfach.",
        material_says="Dazu steht in unserem Material{language}:",
        in_english=" (auf Englisch)",
        hello="Hallo!",
        thanks="Gern geschehen! Möchten Sie noch etwas wissen?",
        farewell="Auf Wiedersehen und vielen Dank für Ihren Besuch!",
        invitation="Was möchten Sie über {company} wissen?",
        is_ai="Ich bin kein Mensch, sondern eine KI, die für {company} spricht.",
        calm="Es tut mir leid, dass das ärgerlich für Sie war.",
        person="Ich kann Sie nicht verbinden, aber das Team meldet sich: Hinterlassen Sie hier Ihre E-Mail-Adresse.",
        not_mentioned="{names} kommt in meinem Material nicht vor.",
        cannot_confirm="Das kann ich nicht bestätigen.",
        fair="Über andere Unternehmen möchte ich nicht urteilen; ich sage Ihnen gern, was {company} kann.",
        subject="Ich helfe gern bei Fragen zu {company}.",
        declined="Das kann ich hier nicht tun.",
        you_asked="Ihre Frage war: „{said}“",
        you_said="Sie haben gesagt: „{said}“",
        nothing_said="Davor haben Sie mich noch nichts gefragt.",
    ),
    "fr": Phrases(
        nothing_fits="Je n'ai pas cela dans mes documents",
        not_searched="Je ne peux pas le vérifier pour le moment : reposez votre question dans un instant",
        offer_meeting="Je peux organiser un rendez-vous avec l'équipe : dites-le-moi simplement.",
        offer_contact="Si vous laissez votre adresse e-mail, l'équipe vous recontactera.",
        offer_person="Si vous préférez parler à une personne, dites-le-moi simplement.",
        material_says="Voici ce qui est écrit dans les documents{language} :",
        in_english=" (en anglais)",
        hello="Bonjour !",
        thanks="Je vous en prie ! Souhaitez-vous savoir autre chose ?",
        farewell="Au revoir et merci de votre visite !",
        invitation="Que souhaitez-vous savoir sur {company} ?",
        is_ai="Je ne suis pas une personne : je suis une IA qui parle pour {company}.",
        calm="Je suis désolé que cela ait été pénible.",
        person="Je ne peux pas vous passer quelqu'un, mais l'équipe vous répondra : laissez ici votre adresse e-mail.",
        not_mentioned="Mes documents ne mentionnent pas {names}.",
        cannot_confirm="Je ne peux pas le confirmer.",
        fair="Je préfère ne pas juger d'autres entreprises ; je peux vous dire ce que fait {company}.",
        subject="Je peux répondre à vos questions sur {company}.",
        declined="Ce n'est pas quelque chose que je peux faire ici.",
        you_asked="Votre question était : « {said} »",
        you_said="Vous avez dit : « {said} »",
        nothing_said="Vous ne m'avez encore rien demandé avant cela.",
    ),
    "es": Phrases(
        nothing_fits="No tengo nada sobre eso en mi material",
        not_searched="Ahora mismo no puedo consultarlo: pregunte de nuevo en un momento, por favor",
        offer_meeting="Puedo concertar una reunión con el equipo: solo tiene que decirlo.",
        offer_contact="Si deja su dirección de correo, el equipo se pondrá en contacto con usted.",
        offer_person="Si prefiere hablar con una persona, solo tiene que decirlo.",
        material_says="Esto es lo que dice nuestro material{language}:",
        in_english=" (en inglés)",
        hello="¡Hola!",
        thanks="¡De nada! ¿Desea saber algo más?",
        farewell="¡Hasta luego y gracias por su visita!",
        invitation="¿Qué le gustaría saber sobre {company}?",
        is_ai="No soy una persona: soy una IA que habla en nombre de {company}.",
        calm="Lamento que esto haya sido frustrante.",
        person="No puedo pasarle con una persona, pero el equipo le responderá: deje aquí su dirección de correo.",
        not_mentioned="Mi material no menciona {names}.",
        cannot_confirm="No puedo confirmarlo.",
        fair="Prefiero no juzgar a otras empresas; puedo contarle lo que hace {company}.",
        subject="Puedo ayudarle con preguntas sobre {company}.",
        declined="Eso no es algo que pueda hacer aquí.",
        you_asked="Su pregunta fue: «{said}»",
        you_said="Usted dijo: «{said}»",
        nothing_said="Antes de esto no me ha preguntado nada.",
    ),
}


def phrases(language: str) -> Phrases:
    """English where we have no words of that language."""
    return PHRASES.get(language, PHRASES["en"])


def says_nothing_fits(text: str) -> bool:
    """Whether an answer begins with the honest sentence, in whatever language."""
    return text.lstrip().startswith(tuple(each.nothing_fits for each in PHRASES.values()))
