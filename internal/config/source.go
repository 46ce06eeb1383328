package config

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/alecthomas/kong"
)

// Origin is where a setting's value came from: "flag", "default", the name of
// an environment variable, or that of the configuration file.
type Origin string

// The origins without a name of their own.
const (
	FromFlag    Origin = "flag"
	FromDefault Origin = "default"
)

// Sources finds the values of settings that no flag gives: first in the
// environment, then in the configuration file. It is a kong.Resolver and
// touches only flags that are settings.
type Sources struct {
	lookup   func(string) (string, bool) // the environment
	file     *file                       // nil: none
	settings map[string]bool
	origins  map[string]Origin
}

var _ kong.Resolver = (*Sources)(nil)

// NewSources reads from an environment such as os.LookupEnv.
func NewSources(lookup func(string) (string, bool)) *Sources {
	s := &Sources{lookup: lookup, settings: map[string]bool{}, origins: map[string]Origin{}}
	for _, flag := range Flags() {
		s.settings[flag.Name] = true
	}
	return s
}

// UseFile adds the configuration file at path; an empty path stands for the
// one that PARLEY_CONFIG names, if it does. An unreadable file, one that is
// no JSON object, and an unknown key in it are errors.
func (s *Sources) UseFile(path string) (err error) {
	if path == "" {
		path, _ = s.lookup(EnvName("config"))
	}
	if path == "" {
		return nil
	}
	s.file, err = readFile(path, s.settings)
	return err
}

// Origin tells where a setting's value came from.
func (s *Sources) Origin(name string) Origin {
	if origin, known := s.origins[name]; known {
		return origin
	}
	return FromDefault
}

// Validate has nothing to check: UseFile did.
func (s *Sources) Validate(*kong.Application) error { return nil }

// Resolve gives the value of a setting, nil if there is none.
func (s *Sources) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	if !s.settings[flag.Name] {
		return nil, nil
	}
	value, origin, err := s.find(flag)
	if err != nil || origin == "" {
		return nil, err
	}
	s.origins[flag.Name] = origin
	return value, nil
}

func (s *Sources) find(flag *kong.Flag) (string, Origin, error) {
	env := EnvName(flag.Name)
	value, _ := s.lookup(env)
	path, _ := s.lookup(env + "_FILE")
	switch {
	case value != "" && path != "" && isSecret(flag):
		return "", "", errors.New("set " + env + " or " + env + "_FILE, not both")
	case value != "":
		return value, Origin(env), nil
	case path != "" && isSecret(flag):
		secret, err := readSecret(path)
		return secret, Origin(env + "_FILE"), err
	}
	if s.file == nil {
		return "", "", nil
	}
	if value, found := s.file.values[flag.Name]; found {
		return value, Origin(s.file.path), nil
	}
	return "", "", nil
}

// maxSecret bounds a file with a secret in it, in bytes.
const maxSecret = 64 << 10

func readSecret(path string) (string, error) {
	secret, err := readAtMost(path, maxSecret)
	if err != nil {
		return "", fmt.Errorf("cannot read the secret's file: %w", err)
	}
	return strings.TrimRight(string(secret), "\r\n"), nil
}

func isSecret(flag *kong.Flag) bool {
	_, secret := flag.Target.Addr().Interface().(Secret)
	return secret
}

// EnvName gives the environment variable of a setting.
func EnvName(setting string) string {
	return "PARLEY_" + strings.ToUpper(strings.ReplaceAll(setting, "-", "_"))
}

// Flags gives all settings with their names, helps and defaults, in the
// order in which they are shown.
func Flags() []*kong.Flag { return flagsOf(&Settings{}) }

func flagsOf(s *Settings) []*kong.Flag {
	parser := kong.Must(s, kong.NoDefaultHelp(), kong.Exit(func(int) {}), kong.Writers(os.Stderr, os.Stderr))
	return parser.Model.Flags
}

// Show writes a setting's value as it would be given; a secret is hidden.
func Show(flag *kong.Flag) string {
	value := flag.Target.Addr().Interface()
	if secret, ok := value.(Secret); ok {
		return secret.Hidden()
	}
	return fmt.Sprint(flag.Target.Interface())
}

// Default gives the settings of a server that is told nothing. It panics if
// the tags of Settings are wrong, which every start would show.
func Default() Settings {
	var s Settings
	flags := flagsOf(&s)
	for _, flag := range flags {
		if err := flag.Reset(); err != nil {
			panic("config: " + err.Error())
		}
	}
	return s
}
