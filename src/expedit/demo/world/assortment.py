"""What Fjäll & Fjord sells, as tables: categories, sorts of things, materials and styles.

Brands are invented. Styles are named after places in the mountains of Sweden and Norway.
"""

from __future__ import annotations

from expedit.core import Struct

LOCALES = ("sv", "nb", "en")


class Words(Struct, frozen=True):
    """One text in the shop's three languages."""

    sv: str
    nb: str
    en: str

    def in_locale(self, locale: str) -> str:
        """The text in ``sv``, ``nb`` or ``en``."""
        return {"sv": self.sv, "nb": self.nb, "en": self.en}[locale]


class Sort(Struct, frozen=True):
    """A sort of thing: where it stands in the shop, what it is called, how it is drawn and sized."""

    key: str
    category: str
    name: Words
    kind: str
    sizes: str
    season: str
    about: Words


class Style(Struct, frozen=True):
    """A style: its name, what sort of thing it is, and the colors that it is sold in."""

    name: str
    sort: str
    brand: str
    material: str
    price: int
    gender: str
    options: tuple[str, ...]
    second: str
    colors: tuple[str, ...]


def _rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in row.split("|")] for row in table.strip().splitlines()]


MAIN_CATEGORIES: dict[str, Words] = {
    key: Words(sv=sv, nb=nb, en=en)
    for key, sv, nb, en in _rows(
        """
        jackor      | Jackor        | Jakker           | Jackets
        stickat     | Stickat       | Strikk           | Knitwear
        trojor      | Tröjor        | Trøyer           | Tops
        byxor       | Byxor         | Bukser           | Trousers
        skor        | Skor          | Sko              | Footwear
        ryggsackar  | Ryggsäckar    | Sekker           | Packs
        talt        | Tält          | Telt             | Tents
        lager       | Läger & kök   | Leir og kjøkken  | Camp & kitchen
        accessoarer | Accessoarer   | Tilbehør         | Accessories
        """
    )
}

CATEGORIES: dict[str, tuple[str, Words]] = {
    key: (main, Words(sv=sv, nb=nb, en=en))
    for key, main, sv, nb, en in _rows(
        """
        skaljackor   | jackor      | Skaljackor     | Skalljakker      | Shell jackets
        dunjackor    | jackor      | Dunjackor      | Dunjakker        | Down jackets
        parkas       | jackor      | Parkas         | Parkaser         | Parkas
        fleece       | jackor      | Fleece         | Fleece           | Fleece
        trojor       | stickat     | Stickade tröjor| Strikkegensere   | Sweaters
        koftor       | stickat     | Koftor         | Kofter           | Cardigans
        understall   | trojor      | Underställ     | Ullundertøy      | Base layers
        tshirts      | trojor      | T-shirts       | T-skjorter       | T-shirts
        skjortor     | trojor      | Skjortor       | Skjorter         | Shirts
        vandring     | byxor       | Vandringsbyxor | Turbukser        | Hiking trousers
        jeans        | byxor       | Jeans & manchester | Jeans og kord | Jeans & corduroy
        shorts       | byxor       | Shorts         | Shorts           | Shorts
        mjukis       | byxor       | Mjukbyxor      | Joggebukser      | Joggers
        kjolar       | byxor       | Kjolar & klänningar | Skjørt og kjoler | Skirts & dresses
        kangor       | skor        | Kängor         | Turstøvler       | Hiking boots
        stovlar      | skor        | Gummistövlar   | Gummistøvler     | Rubber boots
        lagskor      | skor        | Lågskor        | Lave sko         | Low shoes
        tofflor      | skor        | Tofflor        | Tøfler           | Slippers
        vandringssackar | ryggsackar | Vandringsryggsäckar | Tursekker | Trekking packs
        dagsackar    | ryggsackar  | Dagsäckar      | Dagssekker       | Day packs
        vaskor       | ryggsackar  | Väskor         | Vesker           | Bags
        tunneltalt   | talt        | Tunneltält     | Tunneltelt       | Tunnel tents
        kupoltalt    | talt        | Kupoltält      | Kuppeltelt       | Dome tents
        sovsackar    | talt        | Sovsäckar      | Soveposer        | Sleeping bags
        underlag     | talt        | Liggunderlag   | Liggeunderlag    | Sleeping mats
        kok          | lager       | Kök            | Kokeutstyr       | Stoves & pots
        muggar       | lager       | Muggar & termosar | Kopper og termoser | Mugs & flasks
        lampor       | lager       | Lampor         | Lykter           | Lamps
        knivar       | lager       | Knivar         | Kniver           | Knives
        filtar       | lager       | Filtar         | Pledd            | Blankets
        mossor       | accessoarer | Mössor         | Luer             | Beanies
        kepsar       | accessoarer | Kepsar & hattar| Capser og hatter | Caps & hats
        vantar       | accessoarer | Vantar         | Votter           | Mittens & gloves
        halsdukar    | accessoarer | Halsdukar      | Skjerf           | Scarves
        strumpor     | accessoarer | Strumpor       | Sokker           | Socks
        skarp        | accessoarer | Skärp          | Belter           | Belts
        vard         | accessoarer | Vård           | Pleie            | Care
        """
    )
}

MATERIALS: dict[str, Words] = {
    key: Words(sv=sv, nb=nb, en=en)
    for key, sv, nb, en in _rows(
        """
        skal3     | trelagers skal av återvunnen nylon | trelags skall av resirkulert nylon | three-layer shell of recycled nylon
        bomull_vax| vaxad bomull och polyester  | vokset bomull og polyester  | waxed cotton and polyester
        dun700    | 700 fill dun                | 700 fill dun                | 700 fill down
        fiber     | återvunnen polyester        | resirkulert polyester       | recycled polyester
        fiberpals | fiberpäls av återvunnen polyester | fiberpels av resirkulert polyester | recycled pile fleece
        ull       | 100 % ull                   | 100 % ull                   | 100% wool
        lammull   | lammull                     | lammeull                    | lambswool
        merino    | merinoull                   | merinoull                   | merino wool
        bomull    | ekologisk bomull            | økologisk bomull            | organic cotton
        flanell   | borstad bomull              | børstet bomull              | brushed cotton
        denim     | ekologisk denim             | økologisk denim             | organic denim
        manchester| bomullsmanchester           | bomullskordfløyel           | cotton corduroy
        stretch   | fyrvägsstretch              | fireveis stretch            | four-way stretch
        nubuck    | vaxad nubuck                | vokset nubuck               | oiled nubuck
        lader     | vegetabiliskt garvat läder  | vegetabilsk garvet lær      | vegetable-tanned leather
        gummi     | naturgummi                  | naturgummi                  | natural rubber
        mesh      | återvunnen mesh             | resirkulert mesh            | recycled mesh
        filt      | tovad ull                   | tovet ull                   | felted wool
        canvas    | vaxad canvas                | vokset canvas               | waxed canvas
        nylon     | ripstopnylon                | ripstop-nylon               | ripstop nylon
        silnylon  | silikonbelagd nylon         | silikonbelagt nylon         | silicone-coated nylon
        skum      | slutet cellskum             | lukket celleskum            | closed-cell foam
        emalj     | emaljerat stål              | emaljert stål               | enameled steel
        stal      | rostfritt stål              | rustfritt stål              | stainless steel
        aluminium | hårdanodiserad aluminium    | hardanodisert aluminium     | hard-anodized aluminum
        plast     | återvunnen plast            | resirkulert plast           | recycled plastic
        bjork     | masurbjörk och kolstål      | valbjørk og karbonstål      | curly birch and carbon steel
        tval      | lanolin och såpa            | lanolin og såpe             | lanolin and soap
        vax       | bivax och paraffin          | bivoks og parafin           | beeswax and paraffin
        """
    )
}

# Sizes: see `catalog.SIZES`.
SORTS: dict[str, Sort] = {
    key: Sort(
        key=key,
        category=category,
        name=Words(sv=sv, nb=nb, en=en),
        kind=kind,
        sizes=sizes,
        season=season,
        about=Words(sv=about_sv, nb=about_nb, en=about_en),
    )
    for key, category, sv, nb, en, kind, sizes, season, about_sv, about_nb, about_en in _rows(
        """
        skal      | skaljackor | skaljacka | skalljakke | shell jacket | shell | alpha | all | Tejpade sömmar och hjälmkompatibel huva. | Tapede sømmer og hjelmkompatibel hette. | Taped seams and a helmet-ready hood.
        anorak    | skaljackor | anorak | anorakk | anorak | shell | alpha | all | Dras över huvudet, stor ficka fram. | Trekkes over hodet, stor lomme foran. | Pulls on over the head, with a big front pouch.
        dun       | dunjackor  | dunjacka | dunjakke | down jacket | down | alpha | winter | Lätt, varm och packbar i sin egen ficka. | Lett, varm og pakkbar i sin egen lomme. | Light, warm and packs into its own pocket.
        vast      | dunjackor  | dunväst | dunvest | down vest | down | alpha | winter | Värmer bålen och lämnar armarna fria. | Varmer kroppen og gir armene frihet. | Warms the core and frees the arms.
        parka     | parkas     | parka | parkas | parka | parka | alpha | winter | Fodrad, lång och gjord för att vaxas om. | Fôret, lang og laget for å vokses på nytt. | Lined, long and made to be waxed again.
        fleece    | fleece     | fleecejacka | fleecejakke | fleece jacket | fleece | alpha | all | Ett mellanlager som torkar snabbt. | Et mellomlag som tørker raskt. | A mid layer that dries fast.
        stickad   | trojor     | stickad tröja | strikkegenser | sweater | sweater | alpha | winter | Stickad i grovt garn som går att laga. | Strikket i grovt garn som kan repareres. | Knitted in sturdy yarn that can be mended.
        kofta     | koftor     | kofta | kofte | cardigan | sweater | alpha | winter | Knappar av horn och fickor för kalla händer. | Knapper av horn og lommer for kalde hender. | Horn buttons, and pockets for cold hands.
        merino    | understall | underställströja | ulltrøye | base layer | base_layer | alpha | winter | Sitter nära kroppen och luktar inte. | Sitter tett på kroppen og lukter ikke. | Sits close and never smells.
        tshirt    | tshirts    | t-shirt | t-skjorte | t-shirt | tee | alpha | summer | Mjuk, tung kvalitet som håller formen. | Myk, tung kvalitet som holder formen. | Soft, heavy jersey that keeps its shape.
        skjorta   | skjortor   | skjorta | skjorte | shirt | shirt | alpha | all | Knappas över t-shirten eller under tröjan. | Over t-skjorten eller under genseren. | Over a tee or under a sweater.
        vandring  | vandring   | vandringsbyxa | turbukse | hiking trousers | trousers | alpha | all | Förstärkta knän och lårfickor för kartan. | Forsterkede knær og lårlommer til kartet. | Reinforced knees, thigh pockets for the map.
        jeans     | jeans      | jeans | jeans | jeans | trousers | waist | all | Rak passform som blir din med åren. | Rett passform som blir din med årene. | A straight fit that becomes yours.
        cord      | jeans      | manchesterbyxa | kordfløyelsbukse | corduroy trousers | trousers | waist | winter | Fem spår per centimeter och djupa fickor. | Fem spor per centimeter og dype lommer. | Wide wales and deep pockets.
        shorts    | shorts     | shorts | shorts | shorts | trousers | alpha | summer | Vida ben för varma stigar. | Vide bein for varme stier. | Roomy legs for warm trails.
        mjukis    | mjukis     | mjukbyxa | joggebukse | joggers | trousers | alpha | all | För kvällen efter turen. | For kvelden etter turen. | For the evening after the hike.
        kjol      | kjolar     | kjol | skjørt | skirt | skirt | alpha | winter | Faller mjukt och värmer över tights. | Faller mykt og varmer over tights. | Falls softly and warms over tights.
        klanning  | kjolar     | klänning | kjole | dress | dress | alpha | all | Stickad jersey med fickor. | Strikket jersey med lommer. | Knitted jersey, with pockets.
        kanga     | kangor     | känga | turstøvel | hiking boot | boot | shoe | all | Kan sulas om, vattentät med rätt vård. | Kan såles om, vanntett med riktig pleie. | Can be resoled, waterproof with care.
        vinterkanga | kangor   | vinterkänga | vinterstøvel | winter boot | boot | shoe | winter | Fodrad med ull ner till minus trettio. | Fôret med ull til minus tretti. | Lined with wool down to minus thirty.
        stovel    | stovlar    | gummistövel | gummistøvel | rubber boot | rubber_boot | shoe | autumn | Gjuten i naturgummi, tät i bäcken. | Støpt i naturgummi, tett i bekken. | Molded in natural rubber, tight in the brook.
        sko       | lagskor    | sko | sko | shoe | shoe | shoe | all | För stan, stranden och sista bussen. | For byen, stranden og siste buss. | For town, shore and the last bus.
        stiglopare| lagskor    | löparsko | løpesko | trail shoe | shoe | shoe | summer | Grepp på våt häll och lätt i uppför. | Grep på vått berg og lett i motbakke. | Grips wet rock and runs light uphill.
        toffel    | tofflor    | toffel | tøffel | slipper | slipper | shoe | winter | Tovad i ett stycke, fodrad med fiberpäls. | Tovet i ett stykke, fôret med fiberpels. | Felted in one piece, lined with pile.
        trek      | vandringssackar | ryggsäck 55 l | tursekk 55 l | pack 55 l | rucksack | one | summer | Bärsystem som ställs efter ryggen. | Bæresystem som stilles etter ryggen. | A harness that adjusts to your back.
        rulltopp  | dagsackar  | rullryggsäck 24 l | rullesekk 24 l | roll-top pack 24 l | rucksack | one | all | Rulltopp som tål regn och matkassar. | Rulletopp som tåler regn og handleposer. | A roll top that takes rain and groceries.
        dagsack   | dagsackar  | dagsäck 16 l | dagssekk 16 l | day pack 16 l | day_pack | one | all | Fack för dator och en termos. | Rom for PC og en termos. | Room for a laptop and a flask.
        duffel    | vaskor     | duffelväska 60 l | duffelbag 60 l | duffel 60 l | duffel | one | all | Belagt tyg som går att spola av. | Belagt stoff som kan spyles. | Coated cloth that can be hosed down.
        tygkasse  | vaskor     | kasse | bærenett | tote | tote | one | all | Läderbotten och handtag som håller ved. | Lærbunn og håndtak som tåler ved. | A leather base and handles that hold firewood.
        midjevaska| vaskor     | midjeväska | hoftebag | hip bag | hip_bag | one | summer | För nycklar, choklad och karta. | For nøkler, sjokolade og kart. | For keys, chocolate and a map.
        kupol     | kupoltalt  | 2-mannatält | 2-mannstelt | 2-person tent | dome_tent | one | summer | Står själv på häll, två bågar, två utgångar. | Står selv på berg, to stenger, to innganger. | Freestanding on rock: two poles, two doors.
        tunnel    | tunneltalt | 3-mannatält | 3-mannstelt | 3-person tent | tunnel_tent | one | summer | Rymlig absid för skor, kök och hund. | Romslig forrom for sko, kjøkken og hund. | A roomy vestibule for boots, stove and dog.
        sovsack   | sovsackar  | sovsäck | sovepose | sleeping bag | sleeping_bag | bag | summer | Mumieformad med ficka för pannlampan. | Mumieformet med lomme til hodelykten. | Mummy shaped, with a headlamp pocket.
        underlag  | underlag   | liggunderlag | liggeunderlag | sleeping mat | mat | one | summer | Isolerar på snö och sten. | Isolerer på snø og stein. | Insulates on snow and stone.
        kok       | kok        | gaskök | gassbrenner | gas stove | stove | one | summer | Kokar en liter på tre minuter. | Koker en liter på tre minutter. | Boils a liter in three minutes.
        kittel    | kok        | kaffekittel | kaffekjele | coffee kettle | pot | one | all | Kokkaffe för fyra över öppen eld. | Kokekaffe til fire over åpen ild. | Boils coffee for four over an open fire.
        panna     | kok        | stekpanna | stekepanne | frying pan | pot | one | all | Björkskaft som viks in. | Bjørkeskaft som kan brettes. | A birch handle that folds.
        mugg      | muggar     | emaljmugg | emaljekopp | enamel mug | mug | one | all | Tål eld, fall och diskmaskin. | Tåler ild, fall og oppvaskmaskin. | Takes fire, falls and the dishwasher.
        termos    | muggar     | termos 7 dl | termos 7 dl | flask 0.7 l | thermos | one | winter | Håller varmt i arton timmar. | Holder varmt i atten timer. | Keeps hot for eighteen hours.
        flaska    | muggar     | vattenflaska | drikkeflaske | water bottle | thermos | one | summer | Dubbelväggig, håller fjällvattnet kallt. | Dobbeltvegget, holder fjellvannet kaldt. | Double walled, keeps mountain water cold.
        pannlampa | lampor     | pannlampa | hodelykt | headlamp | headlamp | one | autumn | 450 lumen och rött mörkerseende. | 450 lumen og rødt nattsyn. | 450 lumens, and red light for night eyes.
        lykta     | lampor     | fotogenlykta | parafinlykt | storm lantern | lantern | one | autumn | Lyser i sexton timmar på en fyllning. | Lyser i seksten timer på en fylling. | Burns sixteen hours on one filling.
        kniv      | knivar     | kniv | kniv | knife | knife | one | all | Slida av läder, skaft av björk. | Slire av lær, skaft av bjørk. | A leather sheath and a birch handle.
        filt      | filtar     | filt | pledd | blanket | blanket | one | winter | Vävd på smal bredd med fransar. | Vevd i smal bredde med frynser. | Woven narrow, with a fringe.
        mossa     | mossor     | mössa | lue | beanie | beanie | one | winter | Dubbelvikt kant över öronen. | Dobbel kant over ørene. | A double brim over the ears.
        pannband  | mossor     | pannband | pannebånd | headband | headband | one | winter | För den som blir varm av att gå. | For den som blir varm av å gå. | For those who get warm walking.
        keps      | kepsar     | keps | caps | cap | cap | one | summer | Ställs med mässingsspänne. | Justeres med messingspenne. | Adjusts with a brass buckle.
        hatt      | kepsar     | hatt | hatt | hat | hat | head | autumn | Brätte mot regn och sol. | Brem mot regn og sol. | A brim against rain and sun.
        vante     | vantar     | vantar | votter | mittens | mittens | hand | winter | Tätstickade och lätt tovade. | Tettstrikket og lett tovet. | Knitted tight and lightly felted.
        handske   | vantar     | handskar | hansker | gloves | gloves | hand | winter | Handflata av läder för stavar och ratt. | Håndflate av lær for staver og ratt. | Leather palms for poles and wheel.
        halsduk   | halsdukar  | halsduk | skjerf | scarf | scarf | one | winter | Två meter, fransar i båda ändar. | To meter, frynser i begge ender. | Two meters, fringed at both ends.
        buff      | halsdukar  | halskrage | hals | neck gaiter | scarf | one | winter | Dras upp över näsan i motvind. | Trekkes opp over nesen i motvind. | Pulls up over the nose in headwind.
        strumpa   | strumpor   | strumpa | sokk | sock | socks | sock | all | Frotté under foten, förstärkt häl och tå. | Frotté under foten, forsterket hæl og tå. | Terry underfoot, reinforced heel and toe.
        skarp     | skarp      | skärp | belte | belt | belt | belt | all | Ett stycke läder och ett spänne av mässing. | Ett stykke lær og en spenne av messing. | One piece of leather, one brass buckle.
        tvatt     | vard       | tvätt | vask | wash | care_bottle | one | all | Skonar fibrerna, räcker till tolv tvättar. | Skåner fibrene, rekker til tolv vask. | Kind to fibers, lasts twelve washes.
        impregnering | vard    | impregnering | impregnering | proofing | care_bottle | one | autumn | Fluorfri, sprayas på fuktigt tyg. | Fluorfri, sprayes på fuktig stoff. | Fluorine free, sprays on damp cloth.
        vax       | vard       | vax | voks | wax | wax_tin | one | autumn | Smälts in med ett hårtorksblås. | Smeltes inn med hårføner. | Melts in with a hair dryer.
        """
    )
}
