"""What attempts to instruct a model look like, in fourteen languages.

Written against the plain reading of a text (folding.py): lower case, no diacritics. A pattern names both the deed and
its object ("ignore" and "previous instructions"), for either word alone stands in honest questions every day.
"""

import re
from enum import StrEnum

from lti_tool.llm.injection.folding import plain_letter


class Trick(StrEnum):
    """What an attempt tries."""

    OVERRIDE = "override"
    ROLE = "role"
    DISCLOSURE = "disclosure"
    DELIMITER = "delimiter"
    EXFILTRATION = "exfiltration"
    MANY_SHOT = "many_shot"
    ENCODED = "encoded"
    HIDDEN = "hidden"


DROP = (
    r"(?:ignor(?:e|ing)|disregard(?:ing)?|forget|overrid(?:e|ing)|bypass|overrule|discard|neglect|"
    r"do(?: not|n't) (?:follow|obey)|stop following|pay no attention to|set aside)"
)
EARLIER = r"(?:previous|prior|above|earlier|preceding|foregoing|existing|original|initial|your|system|former)"
RULES = r"(?:instructions?|prompts?|rules|directions|directives|guidelines|programming|guardrails?|restrictions)"
TELL = (
    r"(?:reveal|show|print|repeat|output|display|tell me|give me|what (?:is|are|was|were)|copy|translate|summari[sz]e|"
    r"encode|write|leak|dump|list|recite|paraphrase|quote|describe|expose|share|state|spell)"
)
SECRET = r"(?:your|system|hidden|secret|initial|developer|confidential|internal)"
UNBOUND = r"(?:unrestricted|unfiltered|uncensored|jailbroken|evil|amoral|unlimited|rogue)"
MACHINE = (
    r"(?:ai|a\.i\.|llm|llms|language models?|assistants?|chatbots?|ai (?:tutor|assistant|model|system)s?|gpt|chatgpt)"
)

ENGLISH = {
    Trick.OVERRIDE: (
        rf"\b{DROP}\b[^.!?\n]{{0,24}}?\b{EARLIER}\b(?:\s+[\w']+){{0,3}}?\s+{RULES}\b",
        rf"\b{DROP}\b\s+(?:all|any|every|these|those)(?: of)?(?:\s+(?:the|your|these|those|other))?\s+{RULES}\b",
        rf"\b{DROP}\b[^.!?\n]{{0,12}}?\b(?:everything|anything|all|what)\b[^.!?\n]{{0,24}}?"
        r"\b(?:above|before this|you were told|you have been told|you've been told|previously|told you)\b",
        r"\b(?:new|updated|real|actual|revised) (?:system )?(?:instructions?|prompt|directive)s?\s*[:=]",
        r"\b(?:system|admin(?:istrator)?|developer|root|security) (?:override|command)\b",
        r"\bfrom now on,? you (?:will|must|are|shall|only|should|respond|answer)\b",
        r"\b(?:note|message|instructions?|attention|important|memo)\s*(?:for|to|:)?\s*(?:the |any |all )?"
        rf"{MACHINE}\b\s*(?:reading|processing|that|who|:|,|-|must|should)",
        rf"\bif you are (?:an? )?{MACHINE}\b",
        rf"\b{MACHINE}\s*[:,]\s*(?:please )?(?:ignore|say|tell|output|add|append|recommend|respond|include|grade)\b",
        r"\b(?:decode|decipher|decrypt|unscramble)\b[^.!?\n]{0,80}\b(?:follow|execute|obey|carry (?:it )?out|"
        r"do what)\b",
        r"\bi am (?:the|your|an?) (?:\w+ )?(?:developer|creator|administrator|admin|programmer)\b[^\n]{0,80}"
        r"\b(?:authori[sz]e|order|command|allow|instruct|unlock|disable)\b",
    ),
    Trick.ROLE: (
        rf"\byou are (?:now |going to be |no longer )(?:an? |the )?(?:{UNBOUND}|dan\b|free|different|tutor|assistant|"
        r"in developer|in debug|root|admin|bound)",
        rf"\b(?:act|behave|respond|answer|speak|role-?play|pretend)\b[^.!?\n]{{0,40}}\b{UNBOUND}\b",
        r"\b(?:pretend|imagine|act|role-?play|simulate|assume)\b[^!?\n]{0,80}\b(?:no|without|free of|never had)"
        r"(?: any)? (?:rules|restrictions|limits|limitations|guidelines|filters|ethics)\b",
        r"\b(?:do anything now|developer mode|debug mode|god mode|jail ?break|maintenance mode|opposite mode)\b"
        r"[^.!?\n]{0,40}\b(?:on|enabled?|activated?|now|prompt|you|output|engaged)\b",
        r"(?:(?m:^)|[.!?:,]\s*|\bplease |\bnow )(?:enable|enter|activate|switch to|start|go into)\b[^.!?\n]{0,16}"
        r"\b(?:developer|debug|god|admin|dan|jailbreak|maintenance|unrestricted) mode\b",
        r"\bpretend to be my (?:late|dead|deceased) \w+",
        r"\b(?:never|do not|don't) (?:break|leave) character\b",
    ),
    Trick.DISCLOSURE: (
        rf"\b{TELL}\b[^.!?\n]{{0,40}}?\b(?:system prompt|system message|developer message|initial prompt|pre-?prompt)",
        rf"\b{TELL}\b[^.!?\n]{{0,30}}?\b{SECRET}\b(?:\s+[\w']+){{0,2}}?\s+(?:instructions|prompt|rules|guidelines|"
        r"directives|configuration)\b",
        r"\b(?:repeat|print|output|copy|write|recite|translate|summari[sz]e|return)\b[^.!?\n]{0,24}"
        r"\b(?:everything|all|words?|text|lines?|content|messages?)\b[^.!?\n]{0,24}"
        r"\b(?:above(?=\s*(?:$|[.!?,;:\n]|this|and\b|word|verbatim))|before this|so far given|"
        r"you were (?:given|told)|at the (?:top|beginning|start) of (?:this|the|your) (?:chat|conversation|"
        r"context|prompt))",
        r"\byour (?:hidden|secret|initial|confidential|internal|system) (?:instructions|prompt|rules|guidelines)\b",
        r"\b(?:what|which)\b[^.!?\n]{0,24}\b(?:instructions|rules) (?:were|have) you (?:been )?(?:given|told)\b",
        r"\bstart(?:ing)? (?:with|from) [\"'“]?you are\b",
    ),
    Trick.DELIMITER: (
        r"<\|[a-z_]{2,30}\|?>?",
        r"\[/?inst\]|<</?sys>>",
        r"</?\s*(?:system|instructions?|passages?|context|prompt|user_?query|developer|assistant)\s*>",
        r"(?m:^)\s*(?:#{1,6}|[-=*]{2,})\s*(?:system|new instructions?|instructions?|assistant|developer)\s*[:#=*-]",
        r"(?m:^)\s*(?:system|developer)\s*:\s*(?:you|ignore|new|from|override|the (?:user|student)|always|"
        r"never|please)\b",
        r"---\s*(?:[0-9a-f]{8,}\s+)?end\b|\bend of (?:the )?(?:passages?|context|system prompt|"
        r"course material)\b\s*[-=\]:.]",
        r"[\"']role[\"']\s*:\s*[\"'](?:system|developer|assistant)[\"']",
        r"[\"'](?:tool_calls?|function_call)[\"']\s*:",
    ),
    Trick.EXFILTRATION: (
        r"!?\[[^\]\n]{0,80}\]\(\s*https?://[^)\s]*(?:\{|\[|<|%7b|\$)",
        r"\b(?:append|put|add|encode|include|insert|embed|send|post|place|attach|forward|upload)\b[^.!?\n]{0,80}"
        r"\b(?:conversation|chat|history|prompt|question|answer|messages?|secret|names?|e-?mails?|instructions)\b"
        r"[^!?\n]{0,80}(?:\burl\b|\bquery\b|\bparameter\b|https?://)",
        r"\b(?:render|display|include|insert|embed|load|fetch|show|end|finish|reply)\b[^!?\n]{0,60}"
        r"\b(?:image|picture|pixel|link|markdown)\b[^!?\n]{0,60}https?://",
    ),
}
# Verb, adjective, noun, in any order that the language allows.
ELSEWHERE = {
    Trick.OVERRIDE: (
        r"\b(?:ignorier\w*|vergiss|vergesst|vergessen sie|missacht\w*)\b.{0,30}\b(?:vorherig|bisherig|obig|"
        r"vorig|früher|"
        r"alle|deine|ihre|system)\w*\b.{0,25}?\b(?:\w*anweisung|instruktion|regel|vorgabe|befehl)\w*",
        r"\b(?:ignore[rz]?|oublie[rz]?|néglige[rz]?|ne (?:tiens|tenez) (?:pas|aucun) compte)\b.{0,30}"
        r"\b(?:instructions?|consignes?|règles?)\b.{0,15}\b(?:précédent|antérieur|ci-dessus|du système|"
        r"données|initial)\w*",
        r"\b(?:ignore[rz]?|oublie[rz]?)\b.{0,12}\b(?:tes|vos)\b.{0,10}\b(?:instructions|consignes|règles)\b",
        r"\b(?:ignora|ignore|ignorad|olvida|olvide|olvídate de|omite|descarta)\b.{0,20}\b(?:instrucciones|reglas|"
        r"indicaciones|órdenes)\b.{0,15}\b(?:anterior|previa|de arriba|del sistema|recibid)\w*",
        r"\b(?:ignora|olvida|olvide)\b.{0,12}\btus\b.{0,10}\b(?:instrucciones|reglas)\b",
        r"\b(?:ignora|ignorate|dimentica|dimenticate|trascura|scorda)\b.{0,20}\b(?:istruzioni|regole|"
        r"indicazioni)\b.{0,15}"
        r"\b(?:precedent|di sistema|sopra|ricevut|iniziali)\w*",
        r"\b(?:ignora|dimentica)\b.{0,12}\b(?:tue|vostre)\b.{0,10}\b(?:istruzioni|regole)\b",
        r"\b(?:ignore|ignora|esqueça|esquece|desconsidere)\b.{0,20}\b(?:instruções|regras|orientações)\b.{0,15}"
        r"\b(?:anterior|acima|prévia|do sistema|recebida)\w*",
        r"\b(?:negeer|vergeet)\b.{0,20}\b(?:vorige|eerdere|bovenstaande|alle|je|jouw|voorgaande)\b.{0,15}"
        r"\b(?:instructies|regels|opdrachten|aanwijzingen)\b",
        r"\b(?:zignoruj|ignoruj|zapomnij|pomiń)\b.{0,20}\b(?:poprzedni|wcześniejsz|wszystki|swoje|powyższ)\w*\b.{0,15}"
        r"\b(?:instrukcj|poleceni|zasad)\w*",
        r"(?:önceki|yukarıdaki|tüm|bütün).{0,15}(?:talimat|komut|kural)\w*.{0,20}(?:yok say|unut|"
        r"görmezden gel|dikkate alma)",
        r"(?:игнорир|проигнорир|забуд|отброс|не обращай внимания)\w*.{0,20}(?:предыдущ|прежн|все|свои|"
        r"вышеуказ|систем)\w*"
        r".{0,15}(?:инструкци|указани|правил|команд)\w*",
        r"(?:忽略|无视|忘记|忽視|無視|不要理会).{0,12}(?:之前|以上|上面|先前|前面|所有|你的|系统|系統).{0,8}(?:指令|指示|提示|规则|規則|要求|命令)",
        r"(?:以前|上記|これまで|前|すべて|全て)の.{0,8}(?:指示|命令|ルール|プロンプト).{0,6}(?:無視|忘れ)",
        r"(?:이전|위의|모든|앞의|기존).{0,8}(?:지시|명령|규칙|프롬프트).{0,8}(?:무시|잊)",
        r"(?:تجاهل|انس|أهمل|تجاوز).{0,20}(?:التعليمات|الأوامر|القواعد|التوجيهات|تعليماتك)",
        r"(?:पिछले|पहले के|सभी|उपरोक्त).{0,15}(?:निर्देश|नियम|आदेश).{0,24}(?:अनदेखा|भूल|नज़रअंदाज़|उपेक्षा)",
    ),
    Trick.DISCLOSURE: (
        r"\b(?:zeig\w*|nenn\w*|verrat\w*|gib\w*|wiederhol\w*|was (?:ist|sind|steht))\b.{0,30}(?:\bdein\w*|"
        r"\bihr\w*|\bden)?"
        r".{0,12}\b(?:system-?prompt|systemanweisung|systemnachricht|geheimen anweisung)\w*",
        r"\b(?:montre|affiche|révèle|répète|donne|quel(?:le)?s? (?:est|sont))\b.{0,30}\b(?:prompt système|"
        r"invite système|"
        r"tes instructions|vos instructions|instructions (?:système|secrètes|initiales|cachées))\b",
        r"\b(?:muestra|muéstrame|revela|repite|dime|cuál(?:es)? (?:es|son))\b.{0,30}\b(?:prompt del? sistema|"
        r"tus instrucciones|instrucciones (?:secretas|iniciales|ocultas|del sistema))\b",
        r"\b(?:mostra|mostrami|rivela|ripeti|dimmi|qual[ie]? (?:è|sono))\b.{0,30}\b(?:prompt di sistema|"
        r"le tue istruzioni|"
        r"istruzioni (?:segrete|iniziali|nascoste|di sistema))\b",
        r"(?:покажи|раскрой|повтори|выведи|назови).{0,30}(?:системн\w* (?:промпт|запрос|инструкци|сообщени)|"
        r"свои инструкции)",
        r"(?:显示|告诉我|输出|重复|透露|泄露|打印).{0,10}(?:系统提示|系统指令|你的提示|你的指令|初始指令|初始提示)",
        r"(?:システムプロンプト|あなたの指示|初期指示).{0,12}(?:教え|表示|見せ|出力|繰り返)",
        r"(?:시스템 프롬프트|당신의 지시).{0,12}(?:보여|알려|출력|말해)",
    ),
}


def _compiled(*groups: dict[Trick, tuple[str, ...]]) -> tuple[tuple[Trick, "re.Pattern[str]"], ...]:
    """One expression a trick: the plainer the reading, the plainer the pattern must be."""
    tricks = dict.fromkeys(trick for group in groups for trick in group)
    return tuple(
        (trick, re.compile("|".join(_plain(text) for group in groups for text in group.get(trick, ()))))
        for trick in tricks
    )


def _plain(pattern: str) -> str:
    """Patterns are written as people write and compared as texts are read."""
    return "".join(letter if letter.isascii() else plain_letter(letter) for letter in pattern)


EVERYWHERE = _compiled(ENGLISH, ELSEWHERE)
DISGUISED = _compiled({trick: ENGLISH[trick] for trick in (Trick.OVERRIDE, Trick.ROLE, Trick.DISCLOSURE)})
"""What is looked for behind look-alikes, in turned text and in what was decoded."""
SPEAKER = re.compile(r"(?m:^)[\s>*_#-]*(user|human|student|assistant|ai|bot|tutor|chatbot)[*_]*\s*[:>]", re.IGNORECASE)
FEW_SHOTS = 4
"""So many lines of a made-up dialogue are a script to be continued; a quoted exchange has fewer."""
ENCODED = re.compile(r"(?<![\w+/=-])(?:[A-Za-z0-9+/_-]{20,}={0,2}|(?:[0-9a-fA-F]{2}[\s:]?){16,})(?![\w+/=-])")
ESCAPED = re.compile(r"(?:%[0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|&#x?[0-9a-fA-F]{2,6};){6,}")
TAGS = re.compile("(?<![\U0001f3f4\U000e0020-\U000e007e])[\U000e0020-\U000e007e]{4,}")
"""Letters of the tag block, which no font shows; after a black flag they are the flag of a region."""
