"""What the headlines of an app's message say that is no lead: a pattern for each reason, in English and Japanese."""

from __future__ import annotations

import re
from typing import Literal, get_args

Reason = Literal[
    "unsubscribed",
    "bounced",
    "deal",
    "payment",
    "task",
    "cancelled",
    "report",
    "reminder",
    "deployment",
    "import",
    "assigned",
    "changed",
    "internal",
    "survey",
    "privacy",
    "mailing",
    "activity",
    "recruiting",
    "support",
    "test",
]
REASONS: tuple[Reason, ...] = get_args(Reason)

_WORDS: dict[Reason, tuple[str, ...]] = {
    "unsubscribed": (
        r"^\W*(?:解除|退会|購読解除)\W*$",
        r"unsubscrib(?:ed|e request|es)|^unsubscribe\W*$",
        r"\bopted[ -]out|\bopt[ -]?out\b|spam complaint|marked .{0,30}as spam",
        r"(?:配信|購読)(?:の?停止|の?解除|を(?:停止|解除))(?!.{0,6}(?:方法|したい|について))|オプトアウト",
        r"(?:メルマガ|メールマガジン).{0,6}(?:解除|退会)|退会(?:しました|手続|処理|が|の(?:連絡|届))",
    ),
    "bounced": (
        r"deliver(?:y|ing)[ -](?:has )?(?:fail|status notification|delay|error)",
        r"(?:could not|couldn't|cannot) be delivered|undeliver|\bbounced?\b|mailbox (?:is )?full",
        r"mail delivery (?:failed|subsystem)|returned mail|failed to (?:send|deliver)|バウンス|不達",
        r"(?:配信|送信)(?:エラー|に?失敗|できませんでした)|(?:届き|送信でき|配信でき)ませんでした|宛先不明",
    ),
    "deal": (
        r"\bclosed .{1,60} for [$€£¥]",
        r"\b(?:deal|opportunity|opp)\b.{0,60}\b(?:won|lost|closed|signed|moved|stage|created|updated)\b",
        r"closed[ -](?:won|lost)|\b(?:won|lost|closed|signed) (?:a |the |new )?(?:deal|opportunity|contract)",
        r"\bnew (?:deal|customer|client)\b(?!.{0,20}\b(?:inquiry|enquiry|request)\b)",
        r"contract (?:was |has been )?signed",
        r"\b(?:docusign|adobe sign|dropbox sign)\b.{0,30}\b(?:completed|signed|sent|viewed)",
        r"(?:クラウドサイン|電子契約|契約書|NDA).{0,20}(?:締結|署名|合意|同意).{0,6}(?:完了|されました|しました)",
        r"(?<!発)受注(?:しました|になりました|が|報告|確定|のお?知らせ|おめでとう|!)",
        r"^[^ぁ-んァ-ヶ]{0,4}受注$",
        r"(?:失注|成約)(?:しました|になりました|となりました|が|報告|のお?知らせ|おめでとう|!)",
        r"契約(?:の|が|を)?(?:更新|解約|満了|終了)(?!(?:予定|時期|を?検討|について))",
        r"契約(?:が|を)?締結|ご?契約(?:いただきました|が完了|になりました)",
        r"(?:商談|案件)(?!.{0,4}(?:予約|日程|申し?込|依頼|相談))(?:が|の|を)?.{0,12}(?:作成|更新|変更|クローズ|完了|登録)|フェーズ(?:が)?.{0,10}変更",
    ),
    "payment": (
        r"\bpayments? (?:was |has been )?(?:received|succeeded|failed|completed)",
        r"\binvoice\b.{0,40}\b(?:paid|overdue|sent|created)\b",
        r"\bsubscription (?:renewed|cancell?ed|expired|created)|\brefund(?:ed)?\b|new order\b",
        r"order (?:placed|received|shipped)|入金(?:が|を|の|しました|確認)",
        r"(?:お)?支払い?(?:が|を)(?:完了|確認)|決済(?:が|に|を)?(?:完了|失敗|されました)",
        r"(?:注文書|発注書|納品書)(?:を|が)(?:受領|発行|送付|受け付け)|請求書(?:を|が)(?:発行|送付|作成)|(?:ご)?注文(?:が入り|を受け|がありました|確定)",
    ),
    "task": (
        r"\btask\b.{0,24}\b(?:reminder|due|assigned|overdue|created|completed)",
        r"\b(?:overdue|new|upcoming|due) tasks?\b|tasks? (?:for|due) today|\bto-?do\b",
        r"タスク.{0,16}(?:期限|リマインド|リマインダー|割り?当て|作成|完了|追加|お知らせ|通知)",
        r"^\W*タスク\W*$",
    ),
    "cancelled": (
        r"^\W*(?:キャンセル|取消|取り消し)\W*$",
        (
            r"\b(?:event|meeting|booking|appointment|reservation|demo|call|invitee|invitation|"
            r"registration|webinar|session|order)\b.{0,50}\b(?:cancell?ed|declined|rescheduled|no[ -]show)"
        ),
        (
            r"\b(?:cancell?ed|rescheduled|declined)\b.{0,12}\b(?:event|meeting|booking|appointment|"
            r"reservation|demo|invitee|by)\b"
        ),
        r"cancellation (?:notice|of|received)|^[^a-z]*(?:cancell?ed|rescheduled)\b",
        (
            r"キャンセル(?:されました|になりました|しました|がありました|が(?:入り|あり|発生)|"
            r"のお?(?:知らせ|連絡)|通知|済み?$|処理)"
        ),
        r"(?:予約|申込|申し込み|参加)(?:の)?(?:取消|取り消し|辞退)|(?:予約|日程)(?:が|の|を)(?:変更|再調整)",
    ),
    "report": (
        r"\b(?:marketing|sales|pipeline|performance|traffic) (?:summary|report|digest|recap|stats|numbers|metrics)\b",
        (
            r"\b(?:daily|weekly|monthly|quarterly|morning|evening|end[ -]of[ -](?:day|week|"
            r"month))\b.{0,40}\b(?:report|summary|digest|recap|stats|numbers|overview|update|roundup|"
            r"kpis?|metrics|leads?|results|pipeline)\b"
        ),
        (
            r"\b(?:last|this|previous|past) (?:week|month|quarter|7 days|24 hours|"
            r"30 days)\b.{0,60}\b(?:leads?|mqls?|submissions?|signups?|visitors?|sessions?|generated|"
            r"report)\b"
        ),
        r"\b(?:report|summary|digest|dashboard) (?:for|of|is ready)\b",
        r"^\W*\d[\d,]* (?:new )?(?:leads|mqls|submissions|contacts|responses)\b(?!.{0,5}:)",
        r"\b(?:total|number of) (?:new )?(?:leads|mqls|submissions|contacts)\b",
        (
            r"(?:本日|昨日|今週|先週|今月|先月|前日|前週|直近|日次|週次|月次|デイリー|ウィークリー|"
            r"マンスリー).{0,24}(?:件数|レポート|集計|まとめ|サマリー?|実績|報告|件でした|\d件|推移|"
            r"ランキング|リード数|獲得数|数値)"
        ),
        r"(?:週|月|日)報|(?:レポート|集計)(?:結果)?(?:が|を)(?:作成|配信|お届け|送付)",
        r"(?:件数|実績|獲得数|リード数)(?:の)?(?:お?知らせ|報告|集計|レポート)|アクセス(?:解析|レポート)",
    ),
    "reminder": (
        r"^\W*(?:friendly )?reminder\b|\breminder:|\b(?:starts|starting|begins) in \d+ (?:min|hour)",
        r"\bupcoming (?:meeting|event|call|demo|webinar)",
        r"\b(?:meeting|event|call|demo) (?:today|tomorrow|in \d+)|リマインド|リマインダー",
        r"(?:セミナー|ウェビナー|予約|面談|会議).{0,6}(?:明日|本日).{0,8}(?:開始|開催|です)",
        r"(?:まもなく|もうすぐ|あと\d+分で|\d+分後に).{0,20}(?:開始|始まり)|期限が(?:近づ|迫|過ぎ)",
        r"未対応の?(?:リード|問い?合わ?せ|チケット)が",
    ),
    "deployment": (
        r"\bdeploy(?:ed|ment|ing)\b|\bdeploy (?:to|of|succeeded|failed|finished|started)\b",
        (
            r"\b(?:build|pipeline|workflow run|job|backup|cron|release|zap|scenario|sync|integration|"
            r"automation)\b.{0,50}\b(?:succeeded|failed|passed|finished|completed|started|errored|stopped|"
            r"paused|turned off|error)\b"
        ),
        r"\bpull request\b|\bmerged\b.{0,20}\bmain\b|\b(?:downtime|outage|incident)\b",
        r"\b(?:server|site|api|website|monitor) (?:is )?(?:down|up|error)\b",
        r"\b(?:ssl|certificate|domain)\b.{0,30}\bexpir|デプロイ|リリース(?:が|を|しました|完了)",
        r"ビルド(?:が|に|成功|失敗)|メンテナンス(?:が|を|の)?(?:お知らせ|開始|終了|完了|実施|予定)",
        r"(?:障害|エラー)(?:が|を|の)?(?:発生|検知|検出|通知|復旧)|バックアップ(?:が|に|完了)",
        r"サーバー?(?:が|の)?(?:ダウン|停止|再起動)",
    ),
    "import": (
        (
            r"\bimport(?:ed)?\b.{0,50}\b(?:complete|completed|finished|failed|done|contacts?|leads?|rows|"
            r"records|list)\b"
        ),
        r"\b[\d,]+ (?:contacts?|leads?|records?|rows)\b.{0,30}\b(?:imported|added|updated|synced|uploaded)\b",
        r"\b(?:list|csv|bulk) (?:upload|import)\b|\badded to (?:the )?list\b|インポート",
        r"一括(?:登録|取込|取り込み|更新|追加)",
        r"\d件.{0,20}(?:登録|取り込み|取込|追加|更新|同期)(?:しました|されました|が完了)",
        r"リスト(?:に|へ|が|を).{0,12}(?:追加|作成|更新)",
    ),
    "assigned": (
        (
            r"\b(?:lead|contact|record|ticket|conversation|account|prospect|company|"
            r"owner(?:ship)?)\b.{0,60}\b(?:re)?assigned\b"
        ),
        r"\b(?:re)?assigned\b.{0,20}\b(?:to you|to @|lead|contact|owner)\b",
        r"\bowner (?:was |has been )?changed\b|ownership (?:transfer|change)",
        r"(?:担当者?|所有者)(?:が|を|の).{0,20}(?:変更|割り?当て|アサイン|設定)",
        r"(?:リード|コンタクト|取引先|レコード|案件|チケット|顧客)(?:が|を).{0,20}(?:割り?当て|アサイン)",
        r"アサインされました|担当になりました|引き継(?:ぎ(?:のお|が|ました|を)|がれ)",
    ),
    "changed": (
        (
            r"\b(?:contacts?|leads?|records?|company|accounts?|prospects?)\b.{0,40}\b(?:updated|merged|deleted|"
            r"edited|archived|converted|status changed)\b"
        ),
        r"\bstatus (?:was |has been )?(?:changed|updated)\b|\bproperty (?:changed|updated)",
        r"\b(?:lifecycle stage|lead status)\b.{0,20}\b(?:changed|updated)\b",
        r"(?:ステータス|状態|ライフサイクルステージ|プロパティ)(?:が|を|の).{0,20}(?:変更|更新)",
        r"(?:レコード|コンタクト|顧客情報|登録情報|会員情報|取引先)(?:が|を|の).{0,8}(?:更新|変更|削除|編集|統合|マージ)",
    ),
    "internal": (
        (
            r"\b(?:commented|mentioned you|replied to|left a (?:comment|note)|reacted|shared a (?:file|"
            r"document|post)|joined (?:the )?(?:channel|#|workspace|team)|has joined|added a note|"
            r"note added|logged an? (?:call|email|meeting|activity|note)|created a (?:page|doc|issue|"
            r"ticket))\b"
        ),
        r"\b(?:new comment|comment on|out of office|vacation|birthday|anniversary|all[ -]hands|stand-?up)\b",
        r"\bticket\b.{0,40}\b(?:closed|resolved|solved|reopened)\b",
        r"\bconversation\b.{0,30}\b(?:closed|snoozed)\b",
        r"コメント(?:が(?:追加|投稿|付)|しました|を(?:追加|投稿))|メンション",
        r"(?:メモ|活動|コール|通話)(?:が|を)(?:追加|記録|登録)|社内(?:向け)?(?:連絡|通知|お知らせ|周知|報告)",
        r"(?:勤怠|有給|休暇|出社|退勤|打刻|経費|日直|朝会|定例|議事録)|チャンネルに参加",
        r"チケット\s?[#＃]\s?\d+",
        r"チケット(?:が|を).{0,10}(?:クローズ|解決|完了)|対応(?:が)?完了(?:しました|報告)",
    ),
    "survey": (
        r"(?<![A-Za-z])NPS(?![A-Za-z])|\bCSAT\b|\b(?:satisfaction|feedback) (?:survey|score|rating|response)",
        r"満足度|(?:レビュー|口コミ|クチコミ)が(?:投稿|追加|届)",
    ),
    "privacy": (
        r"\b(?:data|account|personal information) (?:deletion|erasure|access|subject)\b|\bGDPR\b|\bCCPA\b",
        r"\b(?:right to be forgotten|privacy request|delete my data)\b",
        r"(?:個人情報|個人データ|アカウント)の?(?:削除|消去|開示|利用停止)",
    ),
    "mailing": (
        (
            r"\b(?:campaign|newsletter|broadcast|email|e-mail|sequence|mailing)\b.{0,40}\b(?:was |"
            r"has been |is )?(?:sent|delivered|scheduled|published|launched|finished)\b(?!.{0,10}(?:from|"
            r"via|by) (?:the |your )?(?:contact|web|form))"
        ),
        r"\b(?:published|new) (?:blog )?post\b",
        (
            r"(?:メール|メルマガ|キャンペーン|ニュースレター|ステップメール)(?:が|を|の)?"
            r".{0,12}(?:配信(?:しました|されました|完了|が完了|を開始|予約)|一斉送信)"
        ),
        r"記事(?:が|を)公開",
        r"\bnewsletter (?:subscri|sign[- ]?up)|(?:メルマガ|メールマガジン|ニュースレター).{0,4}(?:登録|購読|読者)",
    ),
    "activity": (
        r"\b(?:opened|clicked)\b.{0,30}\b(?:e-?mail|link|campaign|newsletter)\b",
        r"\be-?mail (?:opened|clicked)\b|\bvisited\b.{0,50}\b(?:page|site|website|pricing)\b",
        r"\bis (?:on|viewing|browsing) your\b|\bviewed\b.{0,40}\b(?:document|page|proposal|quote)\b",
        r"(?:メール|リンク)(?:が|を).{0,10}(?:開封|クリック)",
        (
            r"(?:ページ|サイト|資料|料金).{0,16}(?:閲覧|訪問|アクセス|再訪)(?:しました|がありました|"
            r"しています|されました)"
        ),
        r"来訪(?:しました|通知|がありました)",
    ),
    "recruiting": (
        r"\bjob applica|\bapplied for (?:the |our )|\bcandidate\b|\bresume\b|\bnew applicant\b",
        r"採用.{0,8}(?:応募|エントリー)|求人.{0,6}応募|(?:中途|新卒|アルバイト).{0,6}応募|(?:書類|一次)選考",
        r"エントリーシート|(?:エントリー|応募)(?:が|の)(?:あり|入り|届)|(?:に|へ)(?:ご)?応募|カジュアル面談|求職者",
        r"\bnew application\b",
    ),
    "support": (
        r"(?:不具合|バグ|障害)(?:の)?(?:報告|連絡|問い?合わ?せ)|サポート(?:への|宛|窓口)|技術(?:的な)?(?:サポート|問い?合わ?せ)",
        r"\bbug report|\bsupport (?:ticket|request|case)\b|\bnew ticket\b|\bticket (?:from|opened|created)\b",
        r"\bhelp ?desk\b",
        r"返品|返金|クレーム(?!ジット)|\breturn request\b|\bcomplaint\b",
    ),
    "test": (
        r"^\W*(?:this is an? )?test(?:ing)?(?: (?:message|notification|post|webhook|event|lead|alert))?\W*$",
        r"^\W*(?:テスト|これはテスト)(?:投稿|送信|通知|メッセージ|配信)?(?:です)?\W*$",
        r"\btest(?:ing)?\b.{0,30}\b(?:ignore|disregard)\b|^\W*\[?test\]?\W+(?:lead|submission|entry|form)\b",
        r"テスト(?:送信|投稿|配信|入力|登録)(?:です|になります|しました|を行)|(?:動作|送信|表示)確認(?:の)?テスト",
        r"\b(?:added|set up|removed|disabled|connected) an? integration",
        r"integration (?:added|connected|is working)|connected (?:to )?(?:this|slack)",
        r"連携(?:が|を)(?:完了|開始|設定|テスト)",
    ),
}
PATTERNS: dict[Reason, re.Pattern[str]] = {
    reason: re.compile("|".join(words), re.IGNORECASE) for reason, words in _WORDS.items()
}
# A person asks for something: whatever else a headline says, a person decides.
INQUIRY = re.compile(
    r"問い?合わ?せ|資料請求|新規|ホットリード|新しい(?:リード|お?問|回答|申|予約|応募|見込)"
    r"|(?:ダウンロード|申し?込み?|応募|登録|回答|予約|相談|見積|依頼|リード|MQL|反響|引き合い)"
    r"(?:が|を|の)?(?:ありました|あり|入りました|届きました|受け付け|通知|依頼|獲得(?!数)|発生)"
    r"|\b(?:inquir|enquir)|\bcontact(?:ed)? (?:form|us|request)"
    r"|\b(?:request|submission|quote|(?:demo|trial) (?:request|for|sign-?up))\b"
    r"|\bnew (?:\w+ ){0,3}(?:lead|mql|contact|prospect|sign-?up|message|booking|entry|response|subscriber)s?\b"
    r"|\bregist(?:ration|ered)\b|\bmql\b|\bhot lead|\bqualified\b|\bhigh[ -](?:value|intent)",
    re.IGNORECASE,
)
# The lead itself may be what has changed.
MADE_MQL = re.compile(
    r"\bmql\b|marketing qualified|hot lead|ホットリード|スコア.{0,12}(?:到達|達しました|超え)", re.IGNORECASE
)
# Nobody who looks for work is a lead, whatever the headline calls it.
APPLIED = re.compile(
    r"採用(?:サイト|ページ|フォーム|担当)?.{0,12}(?:応募|エントリー)|^\W*(?:indeed|wantedly|ビズリーチ)|(?:求人|職種|正社員).{0,20}応募",
    re.IGNORECASE,
)
OF_KNOWN: frozenset[Reason] = frozenset({"changed", "activity", "assigned"})
# What a known lead does may be what makes it an MQL: a person decides.
UNSURE: frozenset[Reason] = frozenset({"activity", "support"})
OVER: frozenset[Reason] = frozenset({"unsubscribed", "bounced", "cancelled"})
