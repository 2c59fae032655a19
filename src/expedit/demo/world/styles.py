"""The styles of Fjäll & Fjord: name, sort, brand, material, price in SEK, gender, drawing, second color, colors."""

from __future__ import annotations

from expedit.demo.world.assortment import Style

_TABLE = """
Sylen     | skal | Fjäll & Fjord | skal3 | 3299 | unisex |  | kol | petrol hjortron kol fjord lingon salvia plommon
Helags    | skal | Kamvind | skal3 | 4499 | male | yoke | kol | hjortron lav himmel lingon fjord senap dimma
Lunndörren| skal | Kamvind | skal3 | 4299 | female | yoke | plommon | ros is ljung smultron havre hav
Storulvån | skal | Norrskuren | skal3 | 1999 | unisex |  | marin | marin mossa granit tegel is gran
Femund    | anorak | Norrskuren | skal3 | 2299 | unisex | anorak | marin | lingon senap gran hav havre kol
Lyngen    | anorak | Kamvind | skal3 | 3699 | unisex | anorak | kol | petrol rost himmel skiffer smultron plommon
Tott      | dun | Tornedun | dun700 | 2799 | unisex |  | kol | marin rost gran kol lingon is senap
Åreskutan | dun | Tornedun | dun700 | 3999 | male | wide collar | kol | rost kol mossa fjord havre indigo
Vallbo    | dun | Tornedun | dun700 | 3499 | female | wide collar | kakao | ros salvia plommon bjork marin lav
Bydalen   | dun | Fjäll & Fjord | fiber | 1799 | unisex |  | marin | himmel hjortron skiffer petrol smultron kamel
Rutfjäll  | vast | Tornedun | dun700 | 1899 | unisex | vest | kol | mossa marin tegel kol senap fjord
Renfjäll  | parka | Fjäll & Fjord | bomull_vax | 3899 | unisex |  | kakao | mossa kol marin havre kamel salvia
Finse     | parka | Norrskuren | bomull_vax | 5499 | male | fur | kakao | havre skiffer mossa marin kamel kol
Kolåsen   | parka | Norrskuren | bomull_vax | 5299 | female | fur | bjork | kol plommon salvia kamel tegel havre
Ottsjö    | fleece | Fjäll & Fjord | fiberpals | 1199 | unisex |  | kakao | bjork havre lav dimma salvia ros
Björnrike | fleece | Lavskrikan | fiberpals | 999 | unisex |  | marin | himmel senap rost granit petrol sno
Rondane   | fleece | Ripstig | fiberpals | 1299 | unisex | half_zip | kol | bjork kamel ljung skiffer lav fjord
Snasa     | fleece | Fjäll & Fjord | fiber | 899 | male | half_zip smooth | kol | kol fjord gran tegel senap ljung
Anjan     | fleece | Fjäll & Fjord | fiber | 899 | female | half_zip smooth | plommon | ljung is smultron salvia marin gran
Vassdalen | stickad | Myrullsverket | ull | 1499 | unisex | yoke | sno | marin gran lingon kol kakao granit
Setesdal  | stickad | Myrullsverket | ull | 1899 | unisex | yoke | bjork | hav plommon tegel mossa skiffer petrol
Mullfjället| stickad | Myrullsverket | lammull | 1699 | female | cable roll | sno | bjork dimma ros salvia marin rost
Blåsjön   | stickad | Sälgbark | lammull | 1599 | male | cable | sno | havre indigo gran granit kakao lingon
Huså      | stickad | Ytterskär | bomull | 1199 | unisex | stripe | indigo | sno bjork dimma is granit mossa
Marstrand | stickad | Ytterskär | bomull | 1099 | unisex | stripe | sno | marin lingon petrol kol gran mossa
Duved     | stickad | Fjäll & Fjord | ull | 1299 | unisex | chunky roll | sno | lingon senap marin bjork skiffer mossa
Handöl    | stickad | Myrullsverket | merino | 1399 | female |  | sno | ljung lav ros himmel kamel kol
Vålådalen | stickad | Fjäll & Fjord | lammull | 999 | male |  | sno | petrol rost granit marin mossa senap
Kall      | kofta | Myrullsverket | ull | 1399 | unisex | cardigan | sno | salvia kamel marin lingon granit senap
Sogn      | kofta | Sälgbark | ull | 1999 | unisex | cardigan yoke | sno | marin kol lingon gran hav granit
Selbu     | kofta | Sälgbark | lammull | 1799 | female | cardigan chunky | sno | bjork ros plommon dimma havre petrol
Storlien  | merino | Myrullsverket | merino | 799 | unisex |  | kol | lingon kol marin granit gran ljung
Stekenjokk| merino | Kamvind | merino | 999 | male | half_zip panels | kol | fjord rost senap mossa dimma lingon
Fulufjäll | merino | Kamvind | merino | 999 | female | half_zip panels | plommon | ros ljung himmel smultron lav kol
Abisko    | merino | Fjäll & Fjord | merino | 699 | unisex | half_zip | kol | petrol skiffer hjortron hav plommon fjord
Björnen   | tshirt | Fjäll & Fjord | bomull | 399 | unisex | pocket | gran | lav sno dimma ros halm himmel
Ytterbyn  | tshirt | Ytterskär | bomull | 349 | unisex | stripe | marin | sno bjork is halm indigo havre
Tännäs    | tshirt | Lavskrikan | bomull | 299 | unisex |  | kol | kol marin tegel senap salvia ljung sno fjord
Rapa      | tshirt | Ripstig | merino | 599 | unisex |  | kol | granit petrol rost hav lingon senap
Undersåker| skjorta | Sälgbark | flanell | 899 | unisex | check | kol | lingon gran hav senap granit kamel
Klövsjö   | skjorta | Sälgbark | flanell | 999 | female | check | plommon | ros salvia bjork himmel hav gran
Ljungdalen| skjorta | Ytterskär | bomull | 799 | male |  | kol | himmel sno havre indigo mossa hav
Trondheim | skjorta | Ytterskär | bomull | 849 | female |  | kol | sno is ros lav petrol rost
Helagsstugan| vandring | Kamvind | stretch | 1799 | male | hike | kakao | kamel mossa skiffer kol gran hav
Sylarna   | vandring | Kamvind | stretch | 1799 | female | hike | kol | kakao marin salvia plommon granit lingon
Jotun     | vandring | Ripstig | stretch | 1299 | unisex | hike | kol | fjord rost havre skiffer senap petrol
Besseggen | vandring | Norrskuren | bomull_vax | 1499 | unisex |  | kol | gran kamel kol mossa marin hav
Ånn       | jeans | Ytterskär | denim | 1299 | male | jeans | kol | indigo kol himmel marin
Mörsil    | jeans | Ytterskär | denim | 1299 | female | jeans | kol | indigo sno is kol
Järpen    | cord | Sälgbark | manchester | 1099 | unisex | cord | kol | gran kamel rost marin kakao plommon
Offerdal  | cord | Sälgbark | manchester | 1199 | female | cord | kol | senap bjork lingon salvia kol marin
Näsfjället| shorts | Ripstig | stretch | 699 | unisex | shorts | kol | havre mossa marin rost granit lav
Grövelsjön| shorts | Fjäll & Fjord | bomull | 499 | unisex | shorts | kol | sno himmel tegel kol gran fjord
Ånnsjön   | mjukis | Lavskrikan | bomull | 599 | unisex | jogger | kol | granit marin kol salvia ros kamel
Idre      | mjukis | Fjäll & Fjord | fiber | 799 | unisex | jogger | kol | skiffer plommon petrol mossa fjord lingon
Härjedalen| kjol | Myrullsverket | ull | 899 | female |  | kol | rost skiffer gran plommon kamel tegel
Hemavan   | kjol | Tornedun | fiber | 999 | female | quilt | kol | marin kol salvia lingon havre fjord
Tärnaby   | klanning | Ytterskär | bomull | 1099 | female | stripe | sno | marin lingon gran petrol ljung salvia
Särvsjön  | klanning | Myrullsverket | merino | 1499 | female |  | sno | plommon senap hav salvia kol ros
Blåhammaren| kanga | Ripstig | nubuck | 2499 | unisex |  | kakao | kamel kol gran kakao rost havre
Gaustad   | kanga | Kamvind | nubuck | 2999 | male |  | kol | skiffer kakao mossa granit rost fjord
Skarven   | kanga | Ripstig | nubuck | 1899 | unisex | mid light red_laces | kol | skiffer senap petrol kamel plommon mossa
Kebne     | kanga | Kamvind | nubuck | 2299 | female | mid light red_laces | marin | ros is salvia granit hav indigo
Tromsö    | vinterkanga | Norrskuren | nubuck | 2199 | unisex | winter | kakao | kol kamel kakao gran bjork granit
Ann       | stovel | Ytterskär | gummi | 899 | unisex |  | kol | gran marin kol senap lingon himmel
Skärhamn  | stovel | Ytterskär | gummi | 699 | unisex | short lined | kol | senap marin mossa ros plommon gran
Åre       | sko | Ytterskär | lader | 1199 | unisex |  | gran | sno bjork kol kamel is ljung
Oviken    | sko | Lavskrikan | lader | 899 | female |  | kakao | ros lav sno marin ljung rost
Nallo     | stiglopare | Ripstig | mesh | 1499 | unisex | trail | kol | petrol hjortron lingon himmel granit kamel
Romsdal   | stiglopare | Kamvind | mesh | 1799 | unisex | trail | marin | senap smultron skiffer is lav rost
Bruksvallarna| toffel | Sälgbark | filt | 599 | unisex |  | lingon | granit kol bjork mossa ros marin
Tännforsen| rulltopp | Fjäll & Fjord | canvas | 1599 | unisex |  | kol | fjord hjortron gran kol senap granit
Hallands  | rulltopp | Ytterskär | canvas | 1299 | unisex |  | kol | tegel skiffer lav plommon petrol himmel
Sarek     | trek | Kamvind | nylon | 2899 | unisex | trek | kol | rost petrol mossa hav granit salvia
Padjelanta| trek | Ripstig | nylon | 2299 | unisex | trek | marin | senap lingon gran himmel skiffer mossa
Kretsen   | dagsack | Lavskrikan | canvas | 1099 | unisex |  | kakao | senap ros fjord gran himmel kol
Nidälven  | dagsack | Fjäll & Fjord | canvas | 899 | unisex |  | kol | marin tegel salvia granit ljung is
Dovre     | duffel | Norrskuren | nylon | 1399 | unisex |  | kol | hjortron marin gran lingon granit ljung
Torggränd | tygkasse | Sälgbark | canvas | 599 | unisex |  | kol | lav marin rost havre plommon ljung
Rännberg  | midjevaska | Ripstig | nylon | 399 | unisex |  | kol | plommon petrol senap skiffer smultron marin
Gevsjön   | kupol | Glödhäll | silnylon | 4999 | unisex |  | bjork | rost gran senap hav
Vistas    | kupol | Kamvind | silnylon | 6499 | unisex |  | sno | lingon fjord salvia hjortron
Medstugan | tunnel | Glödhäll | silnylon | 6999 | unisex |  | bjork | salvia tegel skiffer senap
Hardanger | tunnel | Kamvind | silnylon | 8999 | unisex |  | sno | gran rost hav
Kaitum    | sovsack | Tornedun | dun700 | 3499 | unisex |  | hjortron | hav kol lingon petrol himmel gran
Nedalen   | sovsack | Glödhäll | fiber | 1499 | unisex |  | senap | gran rost marin skiffer himmel havre
Lillrissen| underlag | Glödhäll | skum | 399 | unisex |  | kol | mossa hjortron fjord granit plommon havre
Lågan     | kok | Glödhäll | stal | 699 | unisex |  | kol | smultron gran hav kol granit salvia
Kokvallen | kittel | Glödhäll | emalj | 549 | unisex |  | kol | gran hav lingon sno kol kamel
Stekhällen| panna | Glödhäll | aluminium | 599 | unisex | pan | kol | kol gran tegel mossa salvia
Saxen     | mugg | Fjäll & Fjord | emalj | 149 | unisex | speck | kol | hav gran lingon sno senap kol
Tvärån    | mugg | Glödhäll | emalj | 179 | unisex | steel | kol | salvia ros is rost bjork petrol
Noren     | termos | Fjäll & Fjord | stal | 429 | unisex |  | kakao | tegel gran marin senap kol bjork
Källan    | flaska | Lavskrikan | stal | 299 | unisex | bottle | kol | is ros salvia petrol halm kol
Lysvik     | pannlampa | Glödhäll | plast | 649 | unisex |  | kol | hjortron petrol granit lingon gran
Skymningen| lykta | Glödhäll | stal | 499 | unisex |  | kol | petrol lingon kol sno
Sälgen    | kniv | Sälgbark | bjork | 799 | unisex |  | kol | lingon gran marin kamel kol
Rörosfilt | filt | Myrullsverket | ull | 1299 | unisex |  | bjork | lingon granit gran fjord senap
Enafors   | mossa | Myrullsverket | ull | 449 | unisex | pom | sno | senap marin lingon salvia ros granit
Härnön    | mossa | Ytterskär | merino | 399 | unisex | fine | kol | kol marin tegel gran bjork hjortron
Funäs     | mossa | Sälgbark | ull | 499 | unisex | fine pattern | sno | marin lingon gran petrol plommon
Bräcke    | pannband | Myrullsverket | merino | 299 | unisex |  | sno | lingon marin gran kol
Gräftån   | pannband | Lavskrikan | ull | 279 | female | twist | sno | bjork ros salvia senap plommon
Bunnerfjäll| keps | Lavskrikan | canvas | 349 | unisex |  | kol | gran marin kol senap
Solberget | keps | Ripstig | manchester | 379 | unisex | cord two | kakao | kamel salvia rost marin bjork
Regnhällan| hatt | Norrskuren | bomull_vax | 599 | unisex |  | kol | mossa kol kamel
Lunn      | vante | Myrullsverket | ull | 399 | unisex |  | sno | lingon marin gran kol granit
Snöberg   | vante | Sälgbark | lader | 799 | unisex | leather | kakao | kamel kol kakao
Tjallingen| vante | Fjäll & Fjord | lammull | 299 | unisex | plain | sno | bjork senap skiffer ros petrol
Greppån   | handske | Kamvind | fiber | 599 | unisex |  | granit | kol marin mossa rost
Rödön     | halsduk | Myrullsverket | lammull | 599 | unisex | stripe | kol | senap lingon marin bjork salvia
Vindnäs   | buff | Kamvind | merino | 299 | unisex | tube | kol | fjord kol hjortron plommon gran
Forså     | strumpa | Myrullsverket | ull | 149 | unisex |  | hjortron | skiffer gran kakao marin lingon
Trampen   | strumpa | Ripstig | merino | 199 | unisex |  | lingon | granit petrol kol mossa
Stigen    | strumpa | Ripstig | merino | 169 | unisex | low | senap | himmel kol salvia smultron
Selbusjön| strumpa | Sälgbark | ull | 229 | unisex | pattern | sno | lingon marin gran
Spångå   | skarp | Sälgbark | lader | 549 | unisex |  | kol | kakao kol kamel
Ull       | tvatt | Lavskrikan | tval | 119 | unisex |  | kol | is
Skal      | tvatt | Lavskrikan | tval | 129 | unisex |  | kol | halm
Dun       | tvatt | Lavskrikan | tval | 139 | unisex |  | kol | lav
Regnrent  | impregnering | Lavskrikan | vax | 169 | unisex | spray | kol | himmel
Grövlan   | vax | Sälgbark | vax | 149 | unisex |  | kol | gran senap
"""


def _read(row: str) -> Style:
    name, sort, brand, material, price, gender, options, second, colors = (
        cell.strip() for cell in row.split("|")
    )
    return Style(
        name=name,
        sort=sort,
        brand=brand,
        material=material,
        price=int(price),
        gender=gender,
        options=tuple(options.split()),
        second=second,
        colors=tuple(colors.split()),
    )


STYLES: tuple[Style, ...] = tuple(map(_read, _TABLE.strip().splitlines()))
BRANDS: tuple[str, ...] = tuple(sorted({style.brand for style in STYLES}))
