package config_test

import (
	"os"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/config"
)

// row is how docs/configuration.md shows a setting.
func row(name, fallback, help string) string {
	if fallback != "" {
		fallback = "`" + fallback + "`"
	}
	return "| `--" + name + "` | `" + config.EnvName(name) + "` | " + fallback + " | " + strings.ReplaceAll(help, "|", "\\|") + " |"
}

func TestThePageOfSettingsListsThemAll(t *testing.T) {
	page, err := os.ReadFile("../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, flag := range config.Flags() {
		if !flag.Hidden {
			want = append(want, row(flag.Name, flag.Default, flag.Help))
		}
	}
	var got []string
	for line := range strings.Lines(string(page)) {
		if strings.HasPrefix(line, "| `--") {
			got = append(got, strings.TrimSuffix(line, "\n"))
		}
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("docs/configuration.md has to list:\n%s", strings.Join(want, "\n"))
	}
}
