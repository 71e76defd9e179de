"""Patterns of the texts that totals, footers and headings of reports begin with, in the languages of exports."""

from __future__ import annotations

_UNITS = (
    r"(?:records?|rows?|contacts?|leads?|entries|entry|items?|people|results?|members?|customers?|total|count|amount"
    r"|lignes?|enregistrements?|personnes?|résultats?|zeilen|datens[aä]tze?|datensatz|kontakte?|eintr[aä]ge?|personen"
    r"|filas?|registros?|contactos?|personas?|righe|riga|contatti|contatto|linhas?|contatos?|rijen|rij|contacten)"
)
_TOTAL_WORDS = (
    r"(?:grand[ -]?totals?|sub[ -]?totals?|totals?|sous[ -]total|total\s+(?:g[ée]n[ée]ral|geral|gesamt)|totaux"
    r"|gesamt(?:summe|ergebnis|zahl|anzahl)?|zwischensumme|insgesamt|summe|somme|totale(?:\s+generale)?|totaal"
    r"|eindtotaal|razem|celkem|összesen|toplam|totalt|yhteensä|ukupno|σύνολο|итого|всего|合計|合计|总计|總計|小計|합계|총계"
    r"|المجموع|الإجمالي|סה\"כ)"
)
_LOOSE_WORDS = (
    r"(?:sum|suma|summa|count|averages?|avg|mean|minimum|maximum|min|max|moyenne|nombre|anzahl|durchschnitt|mittelwert"
    r"|promedio|media|recuento|conteo|conteggio|aantal|gemiddelde)"
)
_QUANTITY = (
    rf"(?:\s+(?:number\s+of\s+|nombre\s+de\s+|of\s+|de\s+)?{_UNITS})?\s*[:=–-]?\s*[(\[]?[\d.,'’\s]*{_UNITS}?"
    r"\s*[)\]]?\s*$"
)
TOTAL = rf"(?i)^{_TOTAL_WORDS}{_QUANTITY}"
"""A label that stands for a total, such as ``Grand Totals (2 records)``."""
LOOSE_TOTAL = rf"(?i)^{_LOOSE_WORDS}{_QUANTITY}"
"""A label of a total that may be a name, too."""
GROUP_TOTAL = r"(?i)\S\s+(?:sub-?)?(?:totals?|count|sum|average|ergebnis|somme|summe)\s*:?\s*$"
"""A label of the total of a group, such as ``North Total``."""
COUNT = (
    rf"(?i)^[(\[<-]*\s*\d[\d.,\s]*{_UNITS}(?:\s*\(s\))?(?:\s+(?:affected|found|exported|selected|returned|listed|in\s+set"
    r"|total|trouvée?s?|exportée?s?|gefunden|exportiert|encontrados?|exportados?|trovati).*)?\s*[)\]>.-]*\s*$"
    r"|(?i)^(?:record|row|contact)\s?(?:count|s)\s*:\s*\d"
    rf"|(?i)^{_UNITS}\s+(?:found|exported|selected|returned|listed)\s*:?\s*\d*\s*$"
)
"""A line that counts the rows, such as ``(2 rows affected)``."""
FOOTER = (
    r"(?i)^[\s*#=(_-]*(?:this\s+|ce\s+)?(?:document\s+)?(?:is\s+)?(?:"
    r"(?:strictly\s+|company\s+)?confidential\b|copyright\b|©|\(c\)\s*(?:19|20)\d\d|all\s+rights\s+reserved"
    r"|proprietary\b|internal\s+use\s+only|for\s+internal\s+use|do\s+not\s+(?:distribute|copy|forward)"
    r"|(?:report\s+|list\s+|file\s+|data\s+)?(?:generated|exported|created|printed|downloaded|produced|prepared|extracted|run)"
    r"\s+(?:automatically|by|on|at|from|with|for|via|:|\d)"
    r"|(?:generated|exported|printed|downloaded)\b|(?:report|run|export|print)\s+(?:date|time|name|title|id)\b"
    r"|page\s*:?\s*\d|p\.\s*\d+\s*/\s*\d|filter(?:ed\s+by|s?\s*:)|as\s+of\s+\S|data\s+as\s+of|last\s+(?:updated|modified|refreshed)\b"
    r"|continued\s+on\b|nothing\s+below\b|see\s+(?:sheet|page|tab)\s+\S|questions\s*\?"
    r"|end\s+of\s+(?:the\s+)?(?:report|file|list|data|export|document)|powered\s+by\b|this\s+(?:report|list|file|document)\b"
    r"|disclaimer\b|(?:source|notes?|remark|legend|footnote|filter|warning)s?\s*:"
    r"|confidentiel\b|droits?\s+réservés|tous\s+droits|(?:généré|exporté|imprimé|édité|créé|extrait)e?s?\s+(?:par|le|depuis|du|:)"
    r"|fin\s+(?:du|de\s+la)\s+(?:rapport|liste|fichier)|rapport\s+(?:du|généré)"
    r"|(?:streng\s+)?vertraulich\b|(?:erstellt|exportiert|gedruckt|generiert)\s*(?:am|von|durch|:)|seite\s*\d|stand\s*:|alle\s+rechte"
    r"|ende\s+(?:des|der)\s+(?:berichts?|liste|datei)|nur\s+f(?:ü|ue)r\s+den\s+internen"
    r"|confidencial\b|(?:generado|exportado|impreso|creado|gerado|impresso|criado)\s+(?:por|el|em|:)|p[aá]gina\s*\d|todos\s+los\s+derechos"
    r"|todos\s+os\s+direitos|fin\s+del\s+informe|riservato\b|(?:generato|esportato|stampato|creato)\s+(?:da|il|:)|tutti\s+i\s+diritti"
    r"|vertrouwelijk\b|(?:gegenereerd|geëxporteerd|afgedrukt)\s+(?:door|op)"
    r")"
)
"""A line below the table of a report."""
HEADING = rf"(?i)^[^:]{{2,40}}:(?:\s+\S.*)?$|\(\s*\d+\s*(?:{_UNITS})\s*\)\s*$"
"""A line above a group of rows, such as ``Region: North`` or ``North (12 records)``."""
SENTENCE = r"^\S+(?:\s+\S+){4,}"
RULE = r"^[-=_*~.#|+–—─═\s]+$"
"""A line that is drawn with signs, such as ``-----``."""
LABELS = rf"{RULE}|{TOTAL}|{LOOSE_TOTAL}|{GROUP_TOTAL}|{COUNT}|{FOOTER}"
NUMBER = (
    r"(?i)^(?:[a-z]{3}\s|[a-z]{0,2}\$|kr\.?|zł|[€£¥₹])?\s*[-+(]?\s*[€$£¥₹]?\s*\d[\d.,:'’\s\u00a0\u202f]*\)?\s*"
    r"(?:%|[a-z]{3}|€|\$|£|kr\.?|zł|ft|h|" + _UNITS + r")?$|^[-–—]+$"
)
"""A number with its currency or unit, or a sign for none."""
HEADER_WORD = (
    r"(?i)\b(?:e-?mails?|mails?|phones?|telephone|tel|mobile|fax|extension|ext|names?|address|street|city|town|zip|postcode"
    r"|country|company|organi[sz]ation|account|department|dept|team|title|position|role|employee|staff|dates?|time|status|type"
    r"|category|id|code|number|no|nr|amount|price|cost|qty|quantity|total|subtotal|product|item|sku|description|notes?"
    r"|comments?|region|manager|owner|source|order|invoice|currency|value|url|website|birthday|gender|age|office|location"
    r"|courriel|téléphone|portable|prénom|noms?|adresse|rue|ville|pays|société|entreprise|poste|fonction|statut|quantité"
    r"|prix|montant|produit|désignation|remarques?|correo|teléfono|móvil|nombre|apellidos?|dirección|ciudad|país|empresa"
    r"|cargo|fecha|estado|cantidad|precio|importe|producto|telefon|handy|vorname|nachname|name|straße|ort|plz|land|firma"
    r"|abteilung|datum|menge|preis|betrag|artikel|bemerkung(?:en)?|cognome|telefono|indirizzo|città|azienda|prezzo|quantità"
    r"|telefone|sobrenome|endereço|cidade|preço|quantidade|telefoon|voornaam|achternaam|adres|plaats|bedrijf|aantal|prijs)\b"
)
"""A word that names a column."""
