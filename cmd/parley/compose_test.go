package main

import (
	"bytes"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/parley-chat/parley/internal/config"
)

const root = "../.."

// composeService is what this test looks at in a service of compose.yaml.
type composeService struct {
	Image       string
	Build       string
	Environment map[string]string
	Grace       time.Duration `yaml:"stop_grace_period"`
	Volumes     []string
	Networks    yaml.Node // a list of names, or a map with their addresses
	DependsOn   yaml.Node `yaml:"depends_on"`
	Healthcheck struct{ Test []string }
}

type composeNetwork struct {
	IPAM struct {
		Config []struct{ Subnet netip.Prefix }
	}
}

type composed struct {
	Services map[string]composeService
	Networks map[string]composeNetwork
	Volumes  map[string]any
}

func readCompose(t *testing.T) (c composed) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "compose.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// nodes gives the services that are Parley.
func (c composed) nodes() map[string]composeService {
	nodes := maps.Clone(c.Services)
	maps.DeleteFunc(nodes, func(_ string, s composeService) bool { return s.Image != "parley" })
	return nodes
}

// names gives the names in a list, or the keys of a map.
func names(n yaml.Node) (names []string) {
	step := 1
	if n.Kind == yaml.MappingNode {
		step = 2
	}
	for i := 0; i < len(n.Content); i += step {
		names = append(names, n.Content[i].Value)
	}
	return names
}

var (
	byDefault = regexp.MustCompile(`\$\{\w+:-([^}]*)\}`)
	required  = regexp.MustCompile(`\$\{\w+:\?[^}]*\}`)
)

// filled puts defaults for variables, and a password for those without one.
func filled(value string) string {
	return required.ReplaceAllString(byDefault.ReplaceAllString(value, "$1"), "secret")
}

func TestTheNodesOfComposeAreGivenSettingsThatTheyKnow(t *testing.T) {
	nodes := readCompose(t).nodes()
	if len(nodes) != 2 {
		t.Fatalf("there are %d nodes", len(nodes))
	}
	for name, node := range nodes {
		var out, errs bytes.Buffer
		environment := func(key string) (string, bool) {
			value, set := node.Environment[key]
			return filled(value), set
		}
		sh := &shell{out: &out, errs: &errs, sources: config.NewSources(environment)}
		if code := sh.run(t.Context(), []string{"config"}); code != 0 {
			t.Errorf("%s: parley config ends with %d: %s", name, code, errs.String())
		}
		for key := range node.Environment {
			if !slices.Contains(strings.Fields(out.String()), key) {
				t.Errorf("%s: %s is no setting", name, key)
			}
		}
	}
}

func TestTheNodesOfComposeBelieveTheirProxyAndNobodyElse(t *testing.T) {
	c := readCompose(t)
	var front map[string]struct {
		Address netip.Addr `yaml:"ipv4_address"`
	}
	networks := c.Services["proxy"].Networks
	if err := networks.Decode(&front); err != nil {
		t.Fatal(err)
	}
	for network, at := range front {
		if !c.Networks[network].IPAM.Config[0].Subnet.Contains(at.Address) {
			t.Errorf("%s is not in the network %s", at.Address, network)
		}
		for name, node := range c.nodes() {
			if got := node.Environment["PARLEY_TRUSTED_PROXIES"]; got != at.Address.String() {
				t.Errorf("%s trusts %s, the proxy is %s", name, got, at.Address)
			}
		}
	}
}

func TestTheNodesOfComposeMayStopInPeaceAndAreAskedHowTheyAre(t *testing.T) {
	for name, node := range readCompose(t).nodes() {
		if node.Grace <= 10*time.Second {
			t.Errorf("%s is killed after %v", name, node.Grace)
		}
		if !slices.Equal(node.Healthcheck.Test, []string{"CMD", "/parley", "health"}) {
			t.Errorf("%s is asked by %q", name, node.Healthcheck.Test)
		}
	}
}

func TestWhatComposeNamesIsThere(t *testing.T) {
	c := readCompose(t)
	known := func(kind, name string, there bool) {
		t.Helper()
		if !there {
			t.Errorf("%s %q is not there", kind, name)
		}
	}
	for name, s := range c.Services {
		known("what makes", name, s.Image != "" && (s.Build == "" || isFile(filepath.Join(root, s.Build, "Dockerfile"))))
		for _, other := range names(s.DependsOn) {
			_, there := c.Services[other]
			known("service", other, there)
		}
		for _, network := range names(s.Networks) {
			_, there := c.Networks[network]
			known("network", network, there)
		}
		for _, volume := range s.Volumes {
			source, _, _ := strings.Cut(volume, ":")
			_, there := c.Volumes[source]
			known("volume", source, there || isFile(filepath.Join(root, source)))
		}
	}
}

func TestTheProxyOfComposeIsToldWhatItAsksFor(t *testing.T) {
	c := readCompose(t)
	text, err := os.ReadFile(filepath.Join(root, "deploy", "Caddyfile"))
	if err != nil {
		t.Fatal(err)
	}
	environment := c.Services["proxy"].Environment
	for _, asked := range regexp.MustCompile(`\{\$(\w+)`).FindAllStringSubmatch(string(text), -1) {
		if environment[asked[1]] == "" {
			t.Errorf("the Caddyfile wants %s", asked[1])
		}
	}
	for name, node := range c.nodes() {
		address := name + filled(node.Environment["PARLEY_ADDR"])
		if !slices.Contains(strings.Fields(environment["PARLEY_NODES"]), address) {
			t.Errorf("the proxy is not told of %s", address)
		}
	}
}

func TestTheImageIsBuiltWithTheVersionOfGoThatTheModuleWants(t *testing.T) {
	read := func(name string, form string) string {
		t.Helper()
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		found := regexp.MustCompile(form).FindSubmatch(text)
		if found == nil {
			t.Fatalf("%s has nothing like %s", name, form)
		}
		return string(found[1])
	}
	if image, module := read("Dockerfile", `FROM golang:(\d+\.\d+)`), read("go.mod", `(?m)^go (\d+\.\d+)`); image != module {
		t.Errorf("the image is built with Go %s, the module wants %s", image, module)
	}
}
