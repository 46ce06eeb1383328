package password

import (
	"crypto/rand"
	"fmt"
	"io"
	"math/big"
	"strings"
)

const (
	phraseWords  = 4
	phraseDigits = 10_000 // four digits
)

// Random returns a password that people can read out and type, such as
// "maple-orbit-chalk-tunic-4071": four words of our own list and four digits,
// all chosen evenly, which makes at least 50 bits (a test counts them). That
// is for a password that is hashed and guarded against guessing, not for a
// token. The random source is crypto/rand's Reader outside of tests; its error
// is the only one.
func Random(random io.Reader) (string, error) {
	words := phraseList()
	parts := make([]string, 0, phraseWords+1)
	for range phraseWords {
		i, err := pick(random, len(words))
		if err != nil {
			return "", err
		}
		parts = append(parts, words[i])
	}
	digits, err := pick(random, phraseDigits)
	if err != nil {
		return "", err
	}
	return strings.Join(append(parts, fmt.Sprintf("%04d", digits)), "-"), nil
}

// pick returns an even choice from 0 to n-1.
func pick(random io.Reader, n int) (int, error) {
	chosen, err := rand.Int(random, big.NewInt(int64(n)))
	if err != nil {
		return 0, fmt.Errorf("password: choose at random: %w", err)
	}
	return int(chosen.Int64()), nil
}

func phraseList() []string { return strings.Fields(phraseTable) }

// phraseTable has short, plain words that are told apart by ear and eye.
const phraseTable = `
acorn acre actor adapt agile alarm album alder alley almond alpine amber ample anchor angle ankle antler apron
arbor arch arena argue armor arrow artist ash aspen atlas attic auburn autumn avenue awake axle
badge bagel baker balcony bamboo banjo barley barn basil basket bath beacon beam bean beaver bench berry bicycle
birch bishop blanket blend bloom blossom boat bolt bonnet border bottle boulder bowl brass bread breeze brick
bridge brisk broom brush bucket buckle bundle butter button
cabin cable cactus camel camera camp canal candle canoe canvas canyon cargo carpet carrot cashew castle cedar
cello chalk chapel charm cherry chess chest chimney cider circle citrus clay clever cliff clock cloth clover coast
cobalt coconut comet compass copper coral cork corner cotton couch cradle crane crater crayon creek cricket crisp
crown crystal cube cup curtain cushion cycle cypress
dance dawn decade deer delta denim desert desk dial dinner dish ditch dock dolphin domino donkey door dove dozen
drawer drift drum dune dusk dust
eager early earth easel echo eclipse edge eight elbow elder elm ember empire engine envoy equal evening exit
fabric falcon farm feather fence fern ferry fiddle field fig filter finch finger flame flask fleet flint float
flour flute foam fog folder forest fork fossil fountain fox frame fresh frost fruit funnel
gable galaxy garden garlic garnet gate gentle geyser giant ginger glacier glass globe glove goat goose grain
granite grape grass gravel green grid grove guitar gulf
habit hall hammer hammock harbor harp harvest hat hatch hazel heater hedge helmet herb heron hill hinge hollow
honest hood hook horizon hotel house hull humble
ice igloo inch indigo ink inlet iris iron island ivory ivy
jacket jade jar jasmine jelly jewel jigsaw joker journey jug juice jungle juniper jury
kayak kernel kettle kiosk kite kiwi knee knot koala
label ladder lagoon lake lamp lantern larch laser laurel lava lawn leaf ledge lemon lentil lever library lilac
lime linen lizard llama lobby locker log lotus lumber lunar lute lynx
magnet maize mango manor mantle maple marble market marsh mason mast meadow medal melon mentor merit metro mill
mimosa mint mirror mitten modest molar monk moose morning moss motor mountain mouse muffin mule muscat museum
music
napkin narrow navy nectar needle nephew nest nettle nickel noble noodle north notch novel nugget nutmeg
oak oasis oat obelisk ocean octave olive onion onyx opal opera orange orbit orchard orchid organ osprey otter
outlet oval oven owl oxygen oyster
paddle page palm panda panel paper parade parcel park parrot pasta path patio peach pearl pebble pedal pelican
pencil pepper petal piano picnic pier pigeon pillar pillow pilot pine pistachio planet plank plaster plaza plum
pocket poem polar pond poplar poppy porch portal postage potato pottery powder prairie prism proud puffin pulley
pump purple puzzle pyramid
quail quarry quartz quiet quill quilt quince
rabbit radar radish raft rail rain raisin ramp ranch raven razor recipe reef relic ribbon rice ridge ripple river
road robin rocket roof rope rosemary rotor round rubber rudder rug runway rustic
saddle saffron sage sail salad salmon salt sandal satin saucer scarf school scooter scroll seal season seed shade
shadow shelf shell shield ship shore shovel silk silver siren skate sketch slate sled sleeve slope smooth snail
socket sofa solar sonnet soup south spark spice spindle spiral spoon spring sprout spruce squid stable stairs
stamp statue steam stem stone stork stove straw stream string studio sugar summit sunny swan sweater swift syrup
table tailor talon tandem tango tape teapot temple tent terrace thimble thistle thread throne thumb ticket tidal
tiger timber toast tomato topaz torch tower tractor trail train tram trellis trio trophy trout truck trumpet tulip
tundra tunic tunnel turban turnip turtle twig twin
umbrella uncle unicorn union upper urban useful
valley vanilla vase vault velvet vendor verse vessel viaduct video village vine vinegar violet violin visor vivid
volcano voyage
wafer wagon waiter wallet walnut walrus wander water wave weaver wedge west whale wharf wheat wheel whistle wicker
willow window winter wisdom wolf wooden wool wren
yacht yarn yellow yoga yogurt
zebra zenith zephyr zigzag zinc zipper
`
