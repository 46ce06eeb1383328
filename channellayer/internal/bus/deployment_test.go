package bus_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/testkit/redistest"
)

func TestAPasswordIsTakenFromTheAddress(t *testing.T) {
	s := redistest.Start(t, "--requirepass", "s3cret/word")
	s.Password = "s3cret/word"
	a := open(t, "redis://:s3cret%2Fword@"+s.Addr())
	a.awaitState(true)
	a.subscribe("c")
	a.publish("c", "x")
	a.hears("c=x")
}

func TestTLSIsSpokenAndTheCertificateChecked(t *testing.T) {
	cert, key := certificate(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	_ = l.Close()
	redistest.Start(t, "--tls-port", port, "--tls-cert-file", cert, "--tls-key-file", key, "--tls-auth-clients", "no")
	a := open(t, "rediss://127.0.0.1:"+port+"?ca="+cert)
	a.awaitState(true)
	a.subscribe("c")
	a.publish("c", "x")
	a.hears("c=x")
	distrustful := open(t, "rediss://127.0.0.1:"+port)
	if _, err := distrustful.Publish(t.Context(), "c", "x"); err == nil {
		t.Error("published to a server whose certificate nobody vouches for")
	}
}

// certificate makes one that vouches for itself.
func certificate(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "redis"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	privateDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: privateDER}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

func TestASentinelLeadsToTheNewMaster(t *testing.T) {
	master := redistest.Start(t)
	replica := redistest.StartReplica(t, master)
	sentinel := redistest.StartSentinel(t, master)
	url := "redis-sentinel://" + sentinel.Addr() + "/" + redistest.MasterSet
	a, b := open(t, url), open(t, url)
	a.awaitState(true)
	b.awaitState(true)
	a.subscribe("c")
	b.publish("c", "1")
	a.hears("c=1")
	master.Kill()
	a.awaitState(false)
	a.awaitState(true)
	reply := replica.Do("ROLE")
	if role, err := reply.ToArray(); err != nil || !strings.Contains(role[0].String(), "master") {
		t.Fatalf("the replica is no master: %v %v", role, err)
	}
	b.awaitState(false)
	b.awaitState(true)
	b.publish("c", "2")
	a.hears("c=2")
}
