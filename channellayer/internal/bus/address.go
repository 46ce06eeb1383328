package bus

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/redis/rueidis"
)

// Sizes and times of connections. A connection's buffers are far below the
// client library's half mebibyte: a node has a handful of connections and its
// messages are small; larger ones go through in several pieces.
const (
	readBuffer  = 64 << 10
	writeBuffer = 64 << 10
	ringScale   = 10              // 1,024 commands in flight per connection
	dialTimeout = 1 * time.Second // also for the greeting
	silence     = 2 * time.Second // an unanswered connection is closed
	pingEvery   = 1 * time.Second
)

// ParseURL turns an address into the options of a client:
//
//	redis://[user:password@]host[:port][/db]     one server, or one entry of a cluster
//	redis://[user:password@]host:port,host:port  a cluster
//	redis-sentinel://[user:password@]host[:port],…/master-set[/db]
//
// rediss and rediss-sentinel are the same over TLS. Parameters: "ca" names a
// file with the certificates to trust, "server_name" the name to expect in the
// server's, "sentinel_password" and "sentinel_username" are for the sentinels.
// Errors never contain the password.
func ParseURL(address string) (rueidis.ClientOption, error) {
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok {
		return rueidis.ClientOption{}, errors.New("redis: the address has no scheme, such as redis://")
	}
	authority, tail := rest, ""
	if i := strings.IndexAny(rest, "/?"); i >= 0 {
		authority, tail = rest[:i], rest[i:]
	}
	userinfo, hosts := "", authority
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		userinfo, hosts = authority[:i+1], authority[i+1:]
	}
	// The comma list is no valid URL; all but the hosts are parsed as one.
	u, err := url.Parse("redis://" + userinfo + "host" + tail)
	if err != nil {
		return rueidis.ClientOption{}, errors.New("redis: the address is malformed")
	}
	option := base()
	if err := setScheme(&option, scheme, u); err != nil {
		return option, err
	}
	port := "6379"
	if strings.HasSuffix(scheme, "-sentinel") {
		port = "26379"
	}
	if option.InitAddress, err = splitHosts(hosts, port); err != nil {
		return option, err
	}
	option.Username = u.User.Username()
	option.Password, _ = u.User.Password()
	return option, nil
}

func base() rueidis.ClientOption {
	return rueidis.ClientOption{
		ReadBufferEachConn: readBuffer, WriteBufferEachConn: writeBuffer, RingScaleEachConn: ringScale,
		PipelineMultiplex: -1, // one connection
		Dialer:            net.Dialer{Timeout: dialTimeout, KeepAlive: pingEvery},
		ConnWriteTimeout:  silence,
		DisableRetry:      true, // a message that may have been sent is not sent again
		DisableCache:      true,
		BlockingPoolSize:  64,
		ClientName:        "parley",
	}
}

func setScheme(option *rueidis.ClientOption, scheme string, u *url.URL) error {
	path := strings.Trim(u.Path, "/")
	switch scheme {
	case "redis", "rediss":
	case "redis-sentinel", "rediss-sentinel":
		option.Sentinel.MasterSet, path, _ = strings.Cut(path, "/")
		if option.Sentinel.MasterSet == "" {
			return errors.New("redis: the address of sentinels ends in the name of the master set")
		}
		option.Sentinel.Username = u.Query().Get("sentinel_username")
		option.Sentinel.Password = u.Query().Get("sentinel_password")
		option.Sentinel.TopologyRefreshInterval = 5 * time.Second
		option.Sentinel.Dialer = option.Dialer
	default:
		return fmt.Errorf("redis: unknown scheme %q", scheme)
	}
	if path != "" {
		db, err := strconv.Atoi(path)
		if err != nil || db < 0 {
			return errors.New("redis: the path of the address is no database number")
		}
		option.SelectDB = db
	}
	if !strings.HasPrefix(scheme, "rediss") {
		return nil
	}
	config, err := tlsConfig(u.Query())
	option.TLSConfig, option.Sentinel.TLSConfig = config, config
	return err
}

func tlsConfig(query url.Values) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: query.Get("server_name")}
	file := query.Get("ca")
	if file == "" {
		return config, nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("redis: certificates to trust: %w", err)
	}
	config.RootCAs = x509.NewCertPool()
	if !config.RootCAs.AppendCertsFromPEM(pem) {
		return nil, errors.New("redis: no certificate in the file of certificates to trust")
	}
	return config, nil
}

func splitHosts(hosts, port string) ([]string, error) {
	var out []string
	for host := range strings.SplitSeq(hosts, ",") {
		if host = strings.TrimSpace(host); host == "" {
			return nil, errors.New("redis: the address has an empty host")
		}
		if _, _, err := net.SplitHostPort(host); err != nil {
			host = net.JoinHostPort(strings.Trim(host, "[]"), port)
		}
		out = append(out, host)
	}
	return out, nil
}
