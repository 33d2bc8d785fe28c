"""Domains at which anybody can have a mailbox, so that they say nothing of a company: public mail, Japanese carriers
and internet providers, addresses that are thrown away."""

_PUBLIC = """
gmail.com googlemail.com outlook.com outlook.jp hotmail.com hotmail.co.jp live.com live.jp msn.com icloud.com me.com
mac.com yahoo.com yahoo.co.jp ymail.com ymail.ne.jp rocketmail.com aol.com aol.jp gmx.com gmx.de gmx.net web.de
t-online.de freenet.de mail.com mail.ru yandex.com yandex.ru proton.me protonmail.com pm.me tutanota.com zoho.com
fastmail.com hey.com qq.com 163.com 126.com sina.com naver.com daum.net hanmail.net orange.fr free.fr laposte.net
libero.it excite.co.jp excite.com infoseek.jp goo.jp goo.ne.jp inbox.com duck.com comcast.net verizon.net att.net
"""
_CARRIERS = """
docomo.ne.jp dcm-hldmail.jp ezweb.ne.jp au.com softbank.ne.jp softbank.jp i.softbank.jp vodafone.ne.jp disney.ne.jp
ymobile.ne.jp y-mobile.ne.jp willcom.com pdx.ne.jp wcm.ne.jp emobile.ne.jp emnet.ne.jp rakuten.jp rakumail.jp
uqmobile.jp mineo.jp
"""
_PROVIDERS = """
nifty.com nifty.ne.jp biglobe.ne.jp so-net.ne.jp ocn.ne.jp plala.or.jp dion.ne.jp auone-net.jp odn.ne.jp odn.ad.jp
asahi-net.or.jp infoweb.ne.jp dti.ne.jp hi-ho.ne.jp wakwak.com eonet.ne.jp k-opti.com commufa.jp bbiq.jp
jcom.home.ne.jp home.ne.jp jcom.zaq.ne.jp zaq.ne.jp tiki.ne.jp megaegg.ne.jp pikara.ne.jp iij4u.or.jp interlink.or.jp
sannet.ne.jp ybb.ne.jp itscom.net catv.ne.jp mopera.net gol.com hotcn.ne.jp
"""
_THROWN_AWAY = """
mailinator.com guerrillamail.com yopmail.com 10minutemail.com sharklasers.com
"""
DOMAINS = frozenset(" ".join((_PUBLIC, _CARRIERS, _PROVIDERS, _THROWN_AWAY)).split())
