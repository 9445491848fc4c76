"""Words that say nothing about an event; they also tell a text's language. Never decides."""

from __future__ import annotations

from monitor.text import fold

_WORDS = {
    "en": """
        a an of in on at by as is it be to he we i my no so if up us or me
        about above according after again against ahead all already also although among amid and
        another any are aren't around because been before being below between both but can cannot
        could day days despite did does doing down during each early even ever every few first
        following for former from further get gets getting had has have having her here him his
        how however include including into its it itself just last late later latest least less
        like made make makes making many may might month months more most much must near nearly
        never new news next not now off officials official old once one only other others our out
        over own part people per possible recent report reported reportedly reporter reporters
        reports said same saw say saying says second see seen several she should show since some
        source sources state still such take taken than that the their them then there these they
        this those three through thursday time times today told too top toward two under until
        upon use used uses using very via want was wednesday week weeks well were what when where
        which while who whom whose why will with within without would year years yesterday you
        your monday tuesday friday saturday sunday january february march april june july august
        september october november december submitted link comments exclusive breaking live update
        updates video watch photos read full story
    """,
    "pl": """
        i w z o na do po za od ze we się nie co a u by czy
        aby albo ale ani bardzo bez był była były było będą będzie być chce ciągu coraz czy czyli
        czym dla dlaczego dnia dniu dni dwa dwie dzień gdy gdyby gdzie ich ile innych inne jak
        jaka jakie jako jednak jego jej jest jestem jeszcze jeśli już każdy kiedy kolejne kolejny
        która które którego której który których którzy lat lub ma mają mieli miał miała może
        można nad nadal nam nas nich niego nie niej nim niż obecnie oni oraz oto pod podczas podał
        podała podano poinformował poinformowała poinformowali podaje podają ponad ponieważ
        poniedziałek powiedział powiedziała powołując przed przede przekazał przekazała przez przy
        roku również są się sobota sobotę środa środę sposób stan swoje swój swoim tak także tam
        tego tej ten też to tu tylko tym tych tysięcy wciąż wtorek według wśród więc wszystkie
        wszystko wynika zaledwie zdaniem został została zostały zostało znów że żeby czwartek
        piątek niedziela niedzielę tygodnia godzin portal agencja agencji donosi media informacje
        informacji
    """,
    "ru": """
        и в с к о а я
        без более был была были было быть вам вас весь вместе во время все всего всех вы где год
        года году годов давно даже для до долж другие других его ее если есть еще же за заявил
        заявила заявили здесь из или им именно их как какие ко когда которая которого которой
        которые который которых кто лет либо может можно мы на над нас не него нее ней нет ни них
        но ноября об один он она они оно от очень передает по под пока после потом почти при про
        ранее рассказал рассказала рассказали с сейчас со собой сообщает сообщил сообщила сообщили
        сообщается сообщению словам свой свои своих своей своего себя сегодня стал стала стали
        стало так также такие там тем теперь то тоже только того том тот три тысяч у уже хотя чего
        чем через что чтобы эта эти это этого этой этом этот этих я январ январе январь феврал
        феврале марта марте апреля апреле мая мае июня июне июля июле августа августе сентября
        сентябре октября октябре ноябре декабря декабре понедельник вторник среду четверг пятницу
        субботу воскресенье данным источник источники отметил добавил подчеркнул около часов дней
        дня человек
    """,
    "fa": """
        از است این آن با به برای بر را در که و یا تا هم نیز اما اگر هر همه هیچ دیگر خود شد شده شود
        شدن می‌شود می کند کرد کرده کنند کردن می‌کند گفت گفته گفتند است. بود بوده باشد دارد دارند
        داشت دو سه یک چند چه چرا پس پیش بین میان روی زیر بالا سال ماه روز امروز دیروز فردا هفته
        گزارش خبر خبرگزاری رسانه‌های رسانه اعلام درباره بدون نه ها های آنان او ما شما آنها همان
        همین برخی بسیار بیش کمتر حدود توسط طور مورد باید
    """,
    "ar": """
        في من على إلى الى عن أن إن ان كان كانت يكون هذا هذه ذلك تلك الذي التي الذين ما لا لم لن قد
        كل بعد قبل عند بين خلال حول مع أو ثم حتى منذ أي غير بعض أكثر أقل نحو قال قالت وقال وقالت
        أعلن أعلنت وفق وفقا بحسب تقرير اليوم أمس يوم شهر عام سنة هو هي هم كما لكن لأن إذا أنها أنه
        به بها فيه فيها له لها منها عنها عليها ضد دون مما
    """,
    "de": """
        in im zu so er
        der die das den dem des ein eine einen einem einer und oder aber auch auf aus bei bis für
        gegen hat haben ist sind war waren werden wird wurde mit nach nicht noch nur über um unter
        von vom vor wegen wie zu zum zur sich sie er es wir ihr als am an durch dass mehr neue
        sagte laut heute
    """,
    "fr": """
        la le de du et à il un en el y se
        les des une pour par sur dans avec sans est sont était ont plus pas que qui son ses leur
        cette ces après avant selon aux los las una por con para del fue más como sus entre sobre
        tras según
    """,
    "uk": """
        і й в у з до на не за від
        та але або він вона вони що як це для від під час після років року було були буде його їх
        також щоб які який яка про при над
    """,
}

#: Language -> its folded empty words.
BY_LANGUAGE = {name: frozenset(fold(words).split()) for name, words in _WORDS.items()}
EMPTY = frozenset().union(*BY_LANGUAGE.values())
