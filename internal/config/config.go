// Package config is what can be set when Parley starts: each setting's name,
// default, form and help, and where its value comes from. It reads values and
// refuses wrong ones; what they do is decided by those who are given them.
package config

import "strconv"

// Settings are all settings of a running server. The tags are the one place
// that names them: flags, environment, configuration file, help and
// documentation follow.
type Settings struct {
	Addr           Addr     `default:"127.0.0.1:8080" placeholder:"HOST:PORT" group:"Network" help:"Where to listen. An empty host means all addresses, port 0 a free port."`
	PublicURL      URL      `name:"public-url" placeholder:"URL" group:"Network" help:"The address that people type, such as https://chat.example.org. Needed behind a reverse proxy."`
	TrustedProxies Networks `placeholder:"CIDR,…" group:"Network" help:"Reverse proxies whose X-Forwarded-For and X-Forwarded-Proto count, such as 127.0.0.1 or 10.0.0.0/8."`

	Storage
	Redis Redis `placeholder:"URL" group:"Storage" help:"Redis in place of the in-process channel layer: redis://, rediss://, redis-sentinel://, or redis:// with a comma list of cluster nodes."`

	Signup      string `default:"open" enum:"open,invite,closed" placeholder:"open|invite|closed" group:"Accounts" help:"Who may make an account: everybody, those with an invitation, or nobody."`
	PasswordMin int    `default:"10" placeholder:"N" group:"Accounts" help:"Characters that a new password must have, 8 to 64."`

	LogLevel  string `default:"info" enum:"debug,info,warn,error" placeholder:"debug|info|warn|error" group:"Logging" help:"The least important line that is logged."`
	LogFormat string `default:"text" enum:"text,json" placeholder:"text|json" group:"Logging" help:"How log lines are written to standard error."`

	Pprof ProfilerAddr `placeholder:"HOST:PORT" group:"Logging" help:"Serve Go's profiles under /debug/pprof/ on this address of the loopback, such as 127.0.0.1:6060."`

	Limits `embed:"" prefix:"limit-" group:"Limits (0: none)"`

	Django Django `embed:"" prefix:"django-" group:"Django Channels"`
}

// Storage says where things are kept. Commands that need nothing but the
// stored state take it without the rest.
type Storage struct {
	Data     string   `default:"./parley-data" placeholder:"FOLDER" group:"Storage" help:"The folder of the database and all that is kept; made if it is missing."`
	Database Postgres `placeholder:"URL" group:"Storage" help:"Keep everything in this PostgreSQL database instead, such as postgres://parley:PASSWORD@db.example.org/parley. Several servers may share it."`
}

// Limits are the bounds that a server's owner can move; 0 lifts one.
type Limits struct {
	Connections           Count `default:"10000" placeholder:"N" help:"Open sockets on this server."`
	ConnectionsPerUser    Count `default:"20" placeholder:"N" help:"Open sockets of one person."`
	ConnectionsPerAddress Count `default:"0" placeholder:"N" help:"Open sockets from one address."`
	HandshakesPerMinute   Count `default:"60" placeholder:"N" help:"Socket handshakes without a valid sign-in from one address."`
	MessagesPerSecond     Rate  `default:"5" placeholder:"N" help:"Messages of one person. 0 also lifts the burst of 20 and the 100 a minute."`
	SignupsPerHour        Count `default:"60" placeholder:"N" help:"New accounts from one address."`
	LoginsPerMinute       Count `default:"100" placeholder:"N" help:"Failed log-ins from one address."`
}

// Bounds of PasswordMin.
const (
	minPasswordMin = 8
	maxPasswordMin = 64
)

// Validate checks what the form of a single value does not show. The parser
// of the command line calls it.
func (s *Settings) Validate() error {
	if s.PasswordMin < minPasswordMin || s.PasswordMin > maxPasswordMin {
		return Wrong("password-min", "must be from 8 to 64, not "+strconv.Itoa(s.PasswordMin)+".")
	}
	if err := s.Django.Validate(); err != nil {
		return err
	}
	return s.Storage.Validate()
}

// Validate checks the folder's name.
func (s *Storage) Validate() error {
	if s.Data == "" {
		return Wrong("data", "must name a folder.")
	}
	return nil
}
