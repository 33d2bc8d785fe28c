"""Words of somebody who wants to sell, and not to buy: offers by a company's own form, and spam. A person decides about
them; whoever asks for something as well is a lead."""

from __future__ import annotations

import re

from bot.connectors.parser import mrkdwn

_LONGEST = 4_000
_MOST_LINKS = 2
_OFFERS = tuple(
    re.compile("|".join(patterns), re.IGNORECASE)
    for patterns in (
        [
            r"(?:弊社|当社|私ども|わたくしども)(?:では|は|の).{0,60}(?:提供|展開|運営|代行|支援|得意|専門|行って|手がけ|手掛け)"
        ],
        [
            r"ご(?:提案|紹介|案内|説明)(?:させて|できれば|できます|したく|の機会|申し上げ|いたし)",
            r"お時間を?(?:いただけ|頂け|頂戴)",
        ],
        [
            r"お役(?:に)?立て|お力に(?:なれ|添え)|お手伝い(?:でき|させ)",
            r"ご興味.{0,12}(?:でしたら|ましたら|場合|いただけ)",
        ],
        [
            r"成果報酬|初期費用.{0,6}(?:[0０]円|無料|ゼロ)|(?:完全|期間限定).{0,4}無料",
            r"累計.{0,8}[件社]|導入(?:社数|実績)|業界最安",
        ],
        [r"アポイント.{0,6}(?:獲得|代行)|テレアポ|営業代行|営業支援|(?:新規|販路)(?:顧客)?の?開拓|集客"],
        [r"SEO|MEO|(?:HP|サイト|ホームページ)制作"],
        [
            r"助成金|補助金|M&A|事業譲渡|人材(?:紹介|派遣)|採用(?:支援|コスト)|オフショア|外注|コスト(?:削減|カット)|電気料金"
        ],
        [r"(?:貴社|御社)(?:様)?の.{0,20}(?:改善|拡大|向上|支援|貢献|お手伝い|お役立|アップ)"],
        [r"突然のご連絡|営業(?:の)?(?:ご連絡|目的)|ご不要(?:の場合|でしたら)"],
        [r"\bwe (?:help|specialize|specialise|offer|provide|work with|build|deliver|are an? [\w ]{0,30}agency)\b"],
        [r"\b(?:noticed|came across|found|visited|browsing)\b.{0,40}\byour? (?:web ?site|site|company|store)"],
        [r"\b(?:increase|boost|double|grow|improve|skyrocket|scale) your\b|\bdouble their\b|\bmore (?:leads|sales)\b"],
        [r"\borganic traffic\b|\bSEO\b|\bback ?links?\b|\bguest post|\blink building\b|\bfirst page of google"],
        [r"\brank\b.{0,20}\b(?:google|#1|first page)"],
        [
            r"\b(?:quick|short|\d{2}[- ]min(?:ute)?s?)\b.{0,12}\bcall\b",
            r"\bquick question\b|\bopen to a\b|\bworth a chat\b",
        ],
        [r"\bour (?:agency|clients|services|developers|team of)\b|\boutsourc|\bdiscount\b|\blimited offer"],
        [r"\bfree (?:audit|sample|mockup)\b|\bcasino\b|\bcrypto|\bbitcoin\b|\bviagra\b|\bforex\b"],
        [r"\bloans?\b.{0,20}\b(?:approved|rate)|\bbuy now\b|\bclick here\b"],
    )
)
_ASKS = re.compile(
    r"見積|料金(?:を|に|表|プラン|は)|価格(?:を|は|表)|単価|デモ(?:を|の|が)"
    r"|(?:資料|カタログ)(?:を|と|が|の).{0,14}(?:ください|下さい|いただき|いただけ|頂|送付|希望|ほし|欲し)"
    r"|導入(?:を|に).{0,6}検討|検討して(?:おり|い)|教えて|(?:使え|でき|対応して)(?:ます|い)ますか|可能でしょうか"
    r"|(?:利用|導入|購入|契約|相談)したい|\bpric(?:e|ing)\b|\bquote\b|\bdemo\b|\btrial\b|\binterested in your\b"
    r"|\bwe(?:'re| are)? (?:want|need|looking for|evaluating|would like)\b"
    r"|\bcan you\b|\bdo you (?:offer|support|have|integrate)\b|\bhow much\b",
    re.IGNORECASE,
)
_ENOUGH = 2


def is_pitch(written: str) -> bool:
    """Return whether some words offer something, twice over, and ask for nothing; or hold several links."""
    shown = written[:_LONGEST]
    if _ASKS.search(shown):
        return False
    offers = sum(1 for pattern in _OFFERS if pattern.search(shown))
    links = len(set(re.findall(r"https?://[^\s/|>]+", mrkdwn.plain(shown))))
    return offers + (links >= _MOST_LINKS) >= _ENOUGH
