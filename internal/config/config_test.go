package config_test

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/parley-chat/parley/internal/config"
)

// parse reads settings as the program does.
func parse(t *testing.T, env map[string]string, file string, args ...string) (config.Settings, *config.Sources, error) {
	t.Helper()
	sources := config.NewSources(func(name string) (string, bool) {
		value, set := env[name]
		return value, set
	})
	var s config.Settings
	parser, err := kong.New(&s, kong.Resolvers(sources), kong.WithBeforeResolve(func() error { return sources.UseFile(file) }))
	if err != nil {
		t.Fatal(err)
	}
	_, err = parser.Parse(args)
	return s, sources, err
}

func write(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "parley.json")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAServerThatIsToldNothingListensOnThisMachineOnly(t *testing.T) {
	s := config.Default()
	if s.Addr.String() != "127.0.0.1:8080" || !s.Addr.Loopback() || s.Data != "./parley-data" || s.Signup != "open" {
		t.Errorf("got %+v", s)
	}
	if s.Connections != 10_000 || s.ConnectionsPerUser != 20 || s.ConnectionsPerAddress != 0 ||
		s.MessagesPerSecond != 5 || s.SignupsPerHour != 60 || s.LoginsPerMinute != 100 || s.HandshakesPerMinute != 60 {
		t.Errorf("limits: %+v", s.Limits)
	}
	if parsed, _, err := parse(t, nil, ""); err != nil || parsed.Addr != s.Addr || parsed.Limits != s.Limits {
		t.Errorf("an empty command line gives %+v, %v", parsed, err)
	}
}

func TestAFlagWinsOverTheEnvironmentAndThatOverTheFile(t *testing.T) {
	file := write(t, `{"addr": ":1", "signup": "closed", "limit-connections": 7, "trusted-proxies": ["10.0.0.0/8", "::1"]}`)
	env := map[string]string{"PARLEY_ADDR": ":2", "PARLEY_SIGNUP": "invite", "PARLEY_LOG_LEVEL": "", "PARLEY_NOT_A_SETTING": "x"}
	s, sources, err := parse(t, env, file, "--addr", ":3")
	if err != nil {
		t.Fatal(err)
	}
	if s.Addr.Port != 3 || s.Signup != "invite" || s.Connections != 7 || s.LogLevel != "info" || len(s.TrustedProxies) != 2 {
		t.Errorf("got %+v", s)
	}
	for name, want := range map[string]config.Origin{
		"signup": "PARLEY_SIGNUP", "limit-connections": config.Origin(file), "log-level": config.FromDefault,
	} {
		if got := sources.Origin(name); got != want {
			t.Errorf("%s is from %q, want %q", name, got, want)
		}
	}
}

func TestTheFileCanBeNamedByTheEnvironment(t *testing.T) {
	s, _, err := parse(t, map[string]string{"PARLEY_CONFIG": write(t, `{"signup": "closed"}`)}, "")
	if err != nil || s.Signup != "closed" {
		t.Errorf("got %q, %v", s.Signup, err)
	}
}

func TestBadFilesAreRefusedByName(t *testing.T) {
	for content, want := range map[string]string{
		`{"adr": ":1"}`:                        `"adr" is no setting`,
		`{"Addr": ":1"}`:                       `"Addr" is no setting`,
		`{"config": "x"}`:                      `"config" is no setting`,
		`{"addr": ":1", "addr": ":2"}`:         `"addr" stands twice`,
		`{"addr": {"port": 1}}`:                `the value of "addr"`,
		`{"addr": null}`:                       `the value of "addr"`,
		`{"trusted-proxies": [1]}`:             `the value of "trusted-proxies"`,
		`[]`:                                   "one JSON object",
		`{"addr": ":1"} {}`:                    "no JSON",
		``:                                     "no JSON",
		strings.Repeat(" ", 1<<20) + `{}`:      "larger than",
		`{"password-min": 7}`:                  "from 8 to 64",
		`{"limit-messages-per-second": "NaN"}`: "must be a number",
		`{"limit-connections": 1.5}`:           "must be a whole number",
	} {
		if _, _, err := parse(t, nil, write(t, content)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: got %v, want %q in it", content, err, want)
		}
	}
	if _, _, err := parse(t, nil, filepath.Join(t.TempDir(), "none.json")); !config.IsWrong(err) {
		t.Errorf("a missing file: %v", err)
	}
}

func TestBadValuesAreRefusedByName(t *testing.T) {
	for _, c := range []struct{ flag, value string }{
		{"addr", "8080"},
		{"addr", "localhost"},
		{"addr", ":70000"},
		{"addr", ":http"},
		{"addr", ""},
		{"public-url", "chat.example.org"},
		{"public-url", "ftp://x"},
		{"public-url", "https://x/chat"},
		{"public-url", "https://u@x"},
		{"public-url", "https://x?y"},
		{"public-url", "https://x:0"},
		{"public-url", "https://x:"},
		{"public-url", "https://"},
		{"public-url", "https://bücher.example"},
		{"public-url", "https://x y"},
		{"trusted-proxies", "proxy.local"},
		{"trusted-proxies", "10.0.0.0/33"},
		{"trusted-proxies", "127.0.0.1,,"},
		{"signup", "Open"},
		{"log-level", "trace"},
		{"log-format", "xml"},
		{"password-min", "7"},
		{"password-min", "65"},
		{"password-min", "ten"},
		{"limit-connections", "-1"},
		{"limit-connections", "1e3"},
		{"limit-messages-per-second", "-1"},
		{"database", "mysql://x"},
		{"data", ""},
	} {
		_, _, err := parse(t, nil, "", "--"+c.flag+"="+c.value)
		if err == nil || !strings.Contains(err.Error(), "--"+c.flag) {
			t.Errorf("--%s=%s: got %v", c.flag, c.value, err)
		}
	}
}

func TestASecretCanLieInAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte("postgres://u:geheim@h/db\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, sources, err := parse(t, map[string]string{"PARLEY_DATABASE_FILE": path}, "")
	if err != nil || s.Database != "postgres://u:geheim@h/db" {
		t.Errorf("got %v", err)
	}
	_, _, err = parse(t, map[string]string{"PARLEY_DATABASE": "u:geheim@h/db"}, "")
	if err == nil || !strings.Contains(err.Error(), "--database") || strings.Contains(err.Error(), "geheim") {
		t.Errorf("got %v, want a refusal that keeps the secret", err)
	}
	if got := sources.Origin("database"); got != "PARLEY_DATABASE_FILE" {
		t.Errorf("the origin is %q", got)
	}
	both := map[string]string{"PARLEY_DATABASE_FILE": path, "PARLEY_DATABASE": "x"}
	if _, _, err := parse(t, both, ""); err == nil || !strings.Contains(err.Error(), "not both") {
		t.Errorf("both: %v", err)
	}
	if _, _, err := parse(t, map[string]string{"PARLEY_ADDR_FILE": path}, ""); err != nil {
		t.Errorf("a file for what is no secret is no setting: %v", err)
	}
}

func TestAPublicAddressIsKeptAsBrowsersWriteIt(t *testing.T) {
	for given, want := range map[string]string{
		"https://Chat.Example.org/":     "https://chat.example.org",
		"https://chat.example.org:443":  "https://chat.example.org",
		"https://chat.example.org:8443": "https://chat.example.org:8443",
		"http://10.0.0.7:80":            "http://10.0.0.7",
		"http://[::1]:8080":             "http://[::1]:8080",
	} {
		s, _, err := parse(t, nil, "", "--public-url", given)
		if err != nil || s.PublicURL.String() != want {
			t.Errorf("%s: got %q, %v, want %q", given, s.PublicURL, err, want)
		}
	}
	s, _, _ := parse(t, nil, "", "--public-url", "http://[::1]:8080")
	if s.PublicURL.Hostname() != "::1" || s.PublicURL.Secure() || !s.PublicURL.IsSet() {
		t.Errorf("got %+v", s.PublicURL)
	}
}

func TestProxiesAreKnownByTheirNetworks(t *testing.T) {
	s, _, err := parse(t, nil, "", "--trusted-proxies", "127.0.0.1, 10.1.2.3/8,fd00::/8")
	if err != nil {
		t.Fatal(err)
	}
	for ip, want := range map[string]bool{
		"127.0.0.1": true, "::ffff:127.0.0.1": true, "127.0.0.2": false, "10.200.0.1": true, "fd12::1": true, "fe80::1%eth0": false,
	} {
		if got := s.TrustedProxies.Contains(netip.MustParseAddr(ip)); got != want {
			t.Errorf("%s: got %v, want %v", ip, got, want)
		}
	}
	if s.TrustedProxies.Contains(netip.Addr{}) {
		t.Error("no address at all is trusted")
	}
}

func TestOnlyLoopbackAddressesArePrivate(t *testing.T) {
	for addr, want := range map[string]bool{
		"127.0.0.1:1": true, "localhost:1": true, "[::1]:1": true, "127.9.9.9:1": true,
		":1": false, "0.0.0.0:1": false, "[::]:1": false, "10.0.0.1:1": false, "chat.example.org:1": false,
	} {
		s, _, err := parse(t, nil, "", "--addr", addr)
		if err != nil || s.Addr.Loopback() != want {
			t.Errorf("%s: got %v, %v", addr, s.Addr.Loopback(), err)
		}
	}
}

func TestASecretIsNeverShown(t *testing.T) {
	for _, flag := range config.Flags() {
		if flag.Name == "database" || flag.Name == "redis" {
			flag.Target.SetString("postgres://u:geheim@h/db")
			if got := config.Show(flag); got != "(hidden)" {
				t.Errorf("--%s is shown as %q", flag.Name, got)
			}
		}
	}
}
