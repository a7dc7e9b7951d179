"""What is published about INTERVET WB (project EAC 2019-0571): who sent and who hosted how many, and the
places.

Source: the project's final report, 2020-2023. Learners and accompanying persons of the short stays are given
apart on the sending side and together on the hosting side (411 heads are 372 learners and 39 accompanying
persons).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sender:
    """A sending partner: how many schools it fronts, how many learners and accompanying persons went."""

    id: str
    name: str
    country: str
    city: str
    schools: int
    short: int
    escorts: int
    long: int

    @property
    def learners(self) -> int:
        """Learners of short and of long stays."""
        return self.short + self.long


@dataclass(frozen=True)
class Host:
    """A hosting partner: how many heads it took for short stays, how many learners for long ones."""

    id: str
    name: str
    country: str
    city: str
    short_heads: int
    long: int


SENDERS = (
    Sender("ccis", "Chamber of Commerce and Industry of Serbia", "RS", "Beograd", 89, 82, 8, 11),
    Sender("albskills", "Albanian Skills", "AL", "Tirana", 48, 80, 8, 19),
    Sender("cem", "Chamber of Economy of Montenegro", "ME", "Podgorica", 23, 41, 4, 4),
    Sender("ius", "IUS Life", "BA", "Sarajevo", 32, 67, 8, 13),
    Sender("rea", "Prishtina REA", "XK", "Pristina", 63, 41, 5, 3),
    Sender("ncdiel", "NCDIEL", "MK", "Skopje", 23, 61, 6, 4),
)

HOSTS = (
    Host("uniser", "Uniser", "IT", "Bologna", 100, 20),
    Host("incoma", "INCOMA", "ES", "Sevilla", 96, 20),
    Host("sepr", "SEPR", "FR", "Lyon", 53, 7),
    Host("mode", "MODE Foundation", "PL", "Wroclaw", 71, 7),
    Host("zni", "ZNI", "SI", "Maribor", 91, 0),
)

TOWNS = {
    "ccis": (
        "Beograd;Novi Sad;Niš;Kragujevac;Subotica;Leskovac;Kraljevo;Zrenjanin;Pančevo;Čačak;Kruševac;Užice;Smederevo;"
        "Valjevo;Vranje;Šabac;Sombor;Požarevac;Pirot;Zaječar;Kikinda;Sremska Mitrovica;Jagodina;Vršac;Bor"
    ),
    "albskills": "Tirana;Durrës;Vlorë;Elbasan;Shkodër;Lushnjë;Berat;Korçë;Fier;Pogradec;Kukës;Kavajë;Gjirokastër;Lezhë",
    "cem": "Podgorica;Nikšić;Herceg Novi;Pljevlja;Budva;Bar;Bijelo Polje;Cetinje;Berane;Ulcinj;Kotor",
    "ius": "Sarajevo;Zenica;Tuzla;Mostar;Bihać;Bosanska Krupa;Maglaj;Vogošća;Hadžići;Gračanica;Travnik;Banja Luka",
    "rea": "Pristina;Prizren;Mitrovicë;Gjakovë;Ferizaj;Gjilan;Pejë;Podujeva;Vushtrri;Lipljan",
    "ncdiel": "Skopje;Kumanovo;Prilep;Bitola;Tetovo;Veles;Gostivar;Ohrid;Kavadarci;Struga;Strumica;Gevgelija",
}
"""Towns that schools are put in, the largest first; IUS's are the ones named in the report on its first
group, and larger ones.
"""

AGREEMENTS = {
    "ccis": ("uniser", "incoma", "mode", "zni"),
    "cem": ("uniser", "incoma", "zni"),
    "rea": ("sepr", "mode", "zni"),
}
"""Invented: which partners have agreed with which hosts; the others send to all."""
