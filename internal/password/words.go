package password

import (
	"strings"
	"sync"
)

// longestWord is the length in bytes of the longest entry of commonWords.
const longestWord = 15

// commonWords is the set of the table's words and of short runs of keys that
// stand beside them (qwerty, asdf, abc).
var commonWords = sync.OnceValue(func() map[string]bool {
	set := make(map[string]bool)
	for _, word := range strings.Fields(commonWordTable) {
		set[word] = true
		if !strings.HasSuffix(word, "s") && len(word) > 2 {
			set[word+"s"] = true
		}
	}
	return set
})

// commonWordTable is what people reach for when they are asked for a password,
// written down for this program.
const commonWordTable = `
a i my the your is our it me we of to for in on and with no new old big
abc abcd abcde abcdef xyz xxx aaa aaaa asd asdf asdfg asdfgh qwe qwer qwert qwerty qwertz azerty zxc zxcv zxcvb
qaz wsx edc qazwsx wsxedc zaq xsw poi poiu lkj mnb mnbv wasd yxcv

password passwort passwd passw pass passphrase passcode pwd pw kennwort parola parole contrasena clave senha
motdepasse wachtwoord haslo heslo salasana losenord sifre sandi secret secrets geheim private login logon signin
access enter open opensesame sesame key keys unlock lock code pin word phrase letmein letme letmeinnow let in now
changeme change changethis changeit default temp temporary temppass test tests testing tester demo sample example
guest user username usuario admin administrator administrateur root toor superuser super sudo sysadmin system
master manager owner operator service server backup office company business work worker job boss chef team staff
computer laptop desktop windows linux ubuntu debian macbook apple android iphone samsung nokia google facebook
twitter youtube instagram amazon microsoft oracle cisco internet website webmaster web network wifi router mail
email hotmail gmail yahoo chat parley room channel message django python docker github hello hallo hola bonjour
ciao hi hey welcome willkommen bienvenue goodbye bye thanks thankyou please sorry yes maybe okay ok whatever

love iloveyou ilove loveyou lovely lover loveme youandme you ich liebe dich ichliebedich teamo jetaime amor amour
kiss hug sweet sweetie sweetheart honey baby babe babygirl babyboy darling heart forever always together friend
friends bestfriend family mother father mom mum mommy mama papa dad daddy sister brother son daughter wife husband
grandma grandpa uncle aunt child children kid kids boy girl man woman lady king queen prince princess angel devil
god jesus christ church faith bible allah blessed bless heaven hell hope trust peace freedom happy happiness
smile laugh lucky luck life live dream dreams magic star stars superstar rockstar hero legend winner number one

monkey dragon tiger lion bear wolf eagle falcon hawk phoenix panther cobra snake shark dolphin whale horse pony
dog doggy puppy cat kitty kitten bunny rabbit mouse hamster bird chicken duck fish turtle frog butterfly spider
unicorn dinosaur elephant pumpkin cookie chocolate candy sugar cheese butter banana apple orange lemon cherry
strawberry blueberry peanut pepper ginger vanilla coffee tea beer wine vodka whiskey pizza burger bacon

summer winter spring autumn fall january february march april may june july august september october november
december monday tuesday wednesday thursday friday saturday sunday today tomorrow yesterday morning evening night
day week month year birthday christmas easter halloween holiday vacation weekend sommer herbst fruhling januar
februar marz juni juli oktober dezember montag dienstag mittwoch donnerstag freitag samstag sonntag verano
invierno primavera enero febrero

football soccer baseball basketball hockey tennis golf rugby cricket volleyball swimming running runner skater
skateboard surfer snowboard biker racing racer player gamer game games play team sport sports coach champion
champions arsenal chelsea liverpool barcelona barca realmadrid madrid juventus bayern dortmund milan inter
manchester united city yankees lakers cowboys steelers eagles packers redsox celtics bulls warriors raiders

red blue green yellow black white purple pink silver gold golden gray grey brown violet rainbow diamond crystal
ruby emerald pearl iron steel metal stone rock fire ice water earth wind storm thunder lightning sun sunshine
sunflower sunset moon moonlight sky cloud rain snow ocean sea river lake beach island forest mountain flower
flowers rose lily daisy garden tree nature world planet space rocket galaxy universe

batman superman spiderman ironman starwars startrek skywalker yoda vader jedi matrix pokemon pikachu mario zelda
sonic minecraft fortnite roblox warcraft starcraft diablo doom halo ninja samurai pirate wizard hunter killer
ranger shadow ghost zombie vampire knight warrior soldier sniper gunner matrix trustno trustnoone whatever
nothing something anything everything somebody nobody everyone blink metallica nirvana beatles eminem slipknot
music guitar piano drums rock metal dancer dance singer ferrari porsche mercedes bmw audi toyota honda ford
mustang corvette camaro harley yamaha suzuki ducati jordan nike adidas gucci

america american usa england london paris france berlin germany deutschland hamburg munich vienna austria
switzerland italy rome spain mexico canada brasil brazil russia moscow china india japan tokyo australia sydney
newyork chicago dallas texas boston california florida miami vegas hollywood

michael jennifer michelle jessica ashley amanda daniel david robert thomas andrew anthony joshua matthew nicholas
william charlie charles james john george peter paul mark steven stephen kevin brian jason justin brandon
christian christopher alexander alexandra alexis anna anne maria marie sarah sara laura lisa linda susan karen
nicole melissa samantha stephanie elizabeth victoria vanessa veronica natalie natasha olivia sophia sophie emma
emily hannah rachel rebecca andrea angela angelina monica jasmine diana julia juliana martin markus stefan
sebastian tobias florian patrick philipp dennis marcel oliver simon jonas lukas felix leon max maximilian
sabrina katharina claudia martina petra monika carlos miguel antonio francisco fernando ricardo roberto eduardo
alejandro jose juan pedro luis jorge diego gabriel rafael lucas mateo carmen isabella camila valentina giovanni
giuseppe francesca pierre jean nathalie isabelle dimitri vladimir ivan igor sergey natalia tatiana olga svetlana
mohammed muhammad ahmed mustafa hassan ali fatima omar ibrahim krishna rahul priya ganesh lakshmi kumar singh
taylor tyler hunter cameron logan austin dakota madison morgan jackson buster bailey buddy lucky rocky max molly
maggie daisy ginger pepper sparky snoopy tigger winnie mickey minnie donald garfield

fuck fucking fuckyou fuckoff shit asshole bitch sex sexy hot hottie pussy dick porn damn crazy stupid idiot loser
fool cool awesome great best good bad evil dark light power strong fast quick easy simple free money dollar euro
rich cash bitcoin crypto million casino poker jackpot pussycat nice beautiful pretty perfect special secretword
security secure safe safety strongpassword mypassword nopassword newpassword oldpassword thispassword
trustme believe remember forget forgot forgotten
`
