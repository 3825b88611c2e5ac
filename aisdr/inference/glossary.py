"""A buyer's words of other languages in English, so that a question finds material that is written in English.

It is no translation: the small words that carry a question, and what buyers ask about, one word for one. What it does
not know, such as a name, stays as it was written.
"""

import re

# One line: the foreign words that are one and the same in English, which stands after the colon.
_LINES = {
    "de": """
        was: what
        wie: how
        wann: when
        wo: where
        wer: who
        warum wieso weshalb: why
        welche welcher welches welchen: which
        baue bauen einbauen: embed
        meine mein meiner unsere unser unserer unseren: our
        tarif tarife: plan
        anrufe anruf: call
        werden wird: are
        viel: much
        viele: many
        lange: long
        oft: often
        kostet kosten koste: cost
        preis preise: price
        preisstaffel staffel: price steps
        gebühr gebühren einrichtungsgebühr: fee
        rabatt nachlass rabatte: discount
        kostenlos gratis kostenfrei: free
        testphase probezeit testversion: trial
        vertrag vertrages laufzeit vertragslaufzeit: contract term
        kündigen kündigung: cancel
        kündigungsfrist: notice period
        filiale filialen geschäfte läden märkte standorte: stores
        pro je: per
        monat monatlich monate: month
        jahr jährlich jahre: year
        woche wochen: weeks
        tag tage tagen: days
        einführung einrichtung inbetriebnahme onboarding: onboarding
        dauert dauern: take
        schnittstelle schnittstellen integrationen anbindung anbinden: integrations
        unterstützt unterstützen verbinden: support
        daten: data
        gespeichert speichern speichert: stored
        datenschutz: privacy
        sicherheit sicher: security
        verschlüsselt verschlüsselung: encrypted
        mitarbeiter mitarbeitern: employees
        kunden kunde: customers
        speicherort: where stored
        wettbewerber konkurrenz konkurrenten: competitor
        verfügbarkeit: availability uptime
        unterstützung kundendienst: support
        antwortzeit reaktionszeit: response time
        werbeaktion aktionen: promotion
        sortiment: assortment
        bestand lager: inventory
        prognose vorhersage: forecast
        empfehlungen empfehlung: recommendations
        rechnung abrechnung: invoice billing
        bezahlen zahlen zahlung: pay payment
        einbinden einbetten: embed
        webseite website internetseite: website
        sprache sprachen: languages
        bild bilder: picture
        zeig zeigen zeige: show
        gibt: there is
        haben habt hat: have
        ihr ihre ihren ihrer euer eure: your
        sie: you
        ich wir: we
        für: for
        mit: with
        ohne: without
        und: and
        oder: or
        bei: at
        im in: in
        von: of
        der die das den dem des: the
        ein eine einen einem einer: a
        ist sind: is
        kann können könnt: can
        dafür davon damit: for it
        es: it
        nicht kein keine: not
        funktioniert: work
        man: one
    """,
    "fr": """
        que quoi qu'est-ce: what
        combien: how much
        comment: how
        quand: when
        où: where
        qui: who
        pourquoi: why
        quel quelle quels quelles: which
        nos notre mes mon ma: our
        offre formule forfait: plan
        on: we
        coûte coûtent coût coûts: cost
        prix tarif tarifs: price
        frais: fee
        remise remises réduction rabais: discount
        gratuit gratuite gratuitement: free
        essai: trial
        contrat: contract
        engagement durée: contract term
        résilier annuler résiliation: cancel
        magasin magasins boutiques: stores
        par: per
        mois: month
        an année ans: year
        semaines semaine: weeks
        jours jour: days
        intégration: onboarding integration
        intégrations connecteurs: integrations
        mise déploiement: onboarding
        temps: time long
        prend prennent dure: take
        données: data
        stockées conservées hébergées stocke: stored
        confidentialité: privacy
        sécurité: security
        chiffrées chiffrement: encrypted
        clients client: customers
        concurrents concurrent concurrence: competitor
        disponibilité: availability uptime
        assistance: support
        promotions promotion: promotion
        assortiment: assortment
        prévision prévisions: forecast
        recommandations: recommendations
        facture facturation: invoice billing
        payer paiement: pay payment
        intégrer: embed
        site: website
        langue langues: languages
        image images: picture
        montrez montrer montre: show
        vos votre: your
        vous: you
        je nous: we
        pour: for
        avec: with
        sans: without
        et: and
        ou: or
        de du des: of
        le la les: the
        un une: a
        est sont: is
        puis-je peut-on pouvez: can
        cela ça: that
        pas: not
        fonctionne: work
        est-ce: is it
        dans: in
    """,
    "es": """
        qué que: what
        cuánto cuanto cuánta: how much
        cuántos cuántas: how many
        cómo como: how
        cuándo: when
        dónde donde: where
        quién: who
        cuál cuáles: which
        nuestro nuestra nuestros nuestras mi mis: our
        se: are
        tarifa: plan
        cuesta cuestan coste costo: cost
        precio precios tarifas: price
        cuota comisión: fee
        descuento descuentos: discount
        gratis gratuito gratuita: free
        prueba: trial
        contrato: contract
        permanencia duración: contract term
        cancelar: cancel
        tienda tiendas: stores
        por: per
        mes meses mensual: month
        año años anual: year
        semanas semana: weeks
        días día: days
        implantación implementación incorporación: onboarding
        tarda dura tardan: take long
        integraciones integración: integrations
        conectan conectar: connect
        datos: data
        guardan almacenan almacenados guardados: stored
        privacidad: privacy
        seguridad: security
        cifrados cifrado: encrypted
        clientes cliente: customers
        competidores competencia competidor: competitor
        disponibilidad: availability uptime
        soporte asistencia: support
        promociones: promotion
        surtido: assortment
        previsión pronóstico: forecast
        recomendaciones: recommendations
        factura facturación: invoice billing
        pagar pago: pay payment
        insertar: embed
        web sitio página: website
        idioma idiomas: languages
        imagen imágenes: picture
        muéstrame enséñame mostrar: show
        tienen tiene hay: have
        su sus vuestro vuestra: your
        usted ustedes: you
        yo nosotros: we
        para: for
        con: with
        sin: without
        y: and
        o: or
        de del: of
        el la los las: the
        un una: a
        es son está: is
        puedo puede pueden: can
        eso esto: that
        no: not
        funciona: work
        en: in
    """,
}


def _read(lines: str) -> dict[str, str]:
    pairs = (line.split(": ") for line in map(str.strip, lines.strip().splitlines()))
    return {word: english for words, english in pairs for word in words.split()}


_GLOSSARY = {language: _read(lines) for language, lines in _LINES.items()}
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
# `l'intégration`, `d'essai`: the article sticks to its word.
_ARTICLE = re.compile(r"\b[ldnsmj]['’](?=\w)|\bqu['’](?!est)", re.IGNORECASE)
_POINTS_AT_THE_END = re.compile(r"\b(?:das|dies|den|die)(?=\W*$)", re.IGNORECASE)


def in_english(text: str, language: str | None) -> str:
    """The words of the question in English as far as they are known; English itself comes back as it is."""
    known = _GLOSSARY.get(language or "")
    if known is None:
        return text
    if language == "fr":
        text = _ARTICLE.sub("", text)
    if language == "de":
        text = _POINTS_AT_THE_END.sub("that", text)
    return _WORD.sub(lambda word: _one(word[0], known), text)


def _one(word: str, known: dict[str, str]) -> str:
    """`Growth-Tarif` is a name and a word."""
    if word.lower() in known or "-" not in word:
        return known.get(word.lower(), word)
    return " ".join(known.get(part.lower(), part) for part in word.split("-"))
