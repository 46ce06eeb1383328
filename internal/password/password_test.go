package password

import (
	"bytes"
	"context"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/crypto/argon2"
)

// phc encodes by the book, independently of the code under test.
func phc(password, salt string, memory, passes uint32, threads uint8, length uint32) string {
	sum := argon2.IDKey([]byte(password), []byte(salt), passes, memory, threads, length)
	encode := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s", memory, passes, threads, encode([]byte(salt)), encode(sum))
}

func djangoString(t *testing.T, password, salt string, rounds int) string {
	t.Helper()
	sum, err := pbkdf2.Key(sha256.New, password, []byte(salt), rounds, 32)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("pbkdf2_sha256$%d$%s$%s", rounds, salt, base64.StdEncoding.EncodeToString(sum))
}

func TestHashesAreOurArgon2idAndVerify(t *testing.T) {
	salt := "0123456789abcdef"
	hasher := New(Options{Random: strings.NewReader(salt)})
	encoded, err := hasher.Hash(t.Context(), "correct horse")
	if err != nil {
		t.Fatal(err)
	}
	if want := phc("correct horse", salt, 19456, 2, 1, 32); encoded != want {
		t.Fatalf("Hash = %s, want %s", encoded, want)
	}
	expect(t, hasher, encoded, "correct horse", true, false)
	expect(t, hasher, encoded, "Correct horse", false, false)
}

func expect(t *testing.T, hasher *Hasher, encoded, password string, wantOK, wantRehash bool) {
	t.Helper()
	ok, rehash, err := hasher.Verify(t.Context(), encoded, password)
	if err != nil || ok != wantOK || rehash != wantRehash {
		t.Errorf("Verify(%.40s…, %q) = %v, %v, %v; want %v, %v", encoded, password, ok, rehash, err, wantOK, wantRehash)
	}
}

func TestWeakerHashesVerifyAndAskForANewOne(t *testing.T) {
	hasher := New(Options{})
	for _, encoded := range []string{
		phc("secret", "saltsalt", 64, 1, 1, 16),
		phc("secret", "saltsaltsaltsalt", 19456, 1, 1, 32),
		phc("secret", "saltsaltsaltsalt", 64, 2, 4, 64),
	} {
		expect(t, hasher, encoded, "secret", true, true)
		expect(t, hasher, encoded, "wrong", false, false)
	}
}

func TestDjangoHashesVerifyAndAskForANewOne(t *testing.T) {
	hasher := New(Options{})
	encoded := djangoString(t, "pä\u00dfwort", "SodiumChl0ride", 390_000)
	expect(t, hasher, encoded, "pä\u00dfwort", true, true)
	expect(t, hasher, encoded, "passwort", false, false)
}

func TestADjangoPasswordTypedOnAnotherKeyboardMatches(t *testing.T) {
	hasher := New(Options{})
	expect(t, hasher, djangoString(t, "caf\u00e9", "x", 10), "cafe\u0301", true, true)
	expect(t, hasher, djangoString(t, "cafe\u0301", "x", 10), "cafe\u0301", true, true)
}

func TestAPasswordIsComposedButNeverTrimmed(t *testing.T) {
	hasher := New(Options{})
	encoded, err := hasher.Hash(t.Context(), " cafe\u0301\u3000 ")
	if err != nil {
		t.Fatal(err)
	}
	expect(t, hasher, encoded, " caf\u00e9  ", true, false)
	expect(t, hasher, encoded, " caf\u00e9 ", false, false)
	expect(t, hasher, encoded, "caf\u00e9  ", false, false)
	expect(t, hasher, encoded, " CAF\u00c9  ", false, false)
}

func TestWithoutAStoredPasswordNothingMatches(t *testing.T) {
	hasher := New(Options{})
	for _, encoded := range []string{"", "!", "!XyZ", "!pbkdf2_sha256$1$a$b"} {
		expect(t, hasher, encoded, "", false, false)
		expect(t, hasher, encoded, encoded, false, false)
		if Usable(encoded) || Recognise(encoded) != None {
			t.Errorf("%q counts as a password", encoded)
		}
	}
	if err := hasher.VerifyDummy(t.Context(), "secret"); err != nil {
		t.Error(err)
	}
}

func TestHostileEncodingsAreRefusedBeforeAnyWork(t *testing.T) {
	salt, sum := base64.RawStdEncoding.EncodeToString(make([]byte, 16)), base64.RawStdEncoding.EncodeToString(make([]byte, 32))
	argon := func(parameters string) string { return "$argon2id$v=19$" + parameters + "$" + salt + "$" + sum }
	std := base64.StdEncoding.EncodeToString(make([]byte, 32))
	hasher := New(Options{})
	for _, encoded := range []string{
		argon("m=4194304,t=1,p=1"), argon("m=65537,t=1,p=1"), argon("m=19456,t=11,p=1"), argon("m=19456,t=2,p=5"),
		argon("m=0,t=2,p=1"), argon("m=19456,t=0,p=1"), argon("m=19456,t=2,p=0"), argon("m=7,t=1,p=1"), argon("m=31,t=1,p=4"),
		argon("m=-1,t=2,p=1"), argon("m=+64,t=2,p=1"), argon("m=064,t=2,p=1"), argon("t=2,m=19456,p=1"), argon("m=64,t=2"),
		argon("m=99999999999999999999,t=2,p=1"), argon("m=64,t=2,p=1,x=1"), argon("m=64 ,t=2,p=1"),
		"$argon2id$v=16$m=64,t=2,p=1$" + salt + "$" + sum, "$argon2i$v=19$m=64,t=2,p=1$" + salt + "$" + sum,
		"$argon2id$v=19$m=64,t=2,p=1$" + salt + "$", "$argon2id$v=19$m=64,t=2,p=1$$" + sum,
		"$argon2id$v=19$m=64,t=2,p=1$" + salt + "$" + sum + "$", "$argon2id$v=19$m=64,t=2,p=1$" + salt + "$" + sum + "=",
		"$argon2id$v=19$m=64,t=2,p=1$" + salt + "$" + strings.Repeat("A", 1<<20),
		"pbkdf2_sha256$2147483648$salt$" + std, "pbkdf2_sha256$2000001$salt$" + std, "pbkdf2_sha256$0$salt$" + std,
		"pbkdf2_sha256$-5$salt$" + std, "pbkdf2_sha256$1000$$" + std, "pbkdf2_sha256$1000$salt$" + std[:40],
		"pbkdf2_sha256$1000$salt$", "pbkdf2_sha1$1000$salt$" + std, "pbkdf2_sha256$1000$salt$" + std + "$",
		"pbkdf2_sha256$1000$" + strings.Repeat("s", 129) + "$" + std,
		argon("m=64,t=2,p=1") + "\n", "pbkdf2_sha256$1000$salt$" + std + "\n", "pbkdf2_sha256$1000$salt$\r\n" + std,
		"md5$salt$5f4dcc3b5aa765d61d8327deb882cf99", "plain$$secret", "secret", "$", "$$$$$", "bcrypt$$2b$12$x",
	} {
		ok, rehash, err := hasher.Verify(t.Context(), encoded, "secret")
		if ok || rehash || !errors.Is(err, ErrEncoding) {
			t.Errorf("Verify(%.60s) = %v, %v, %v; want ErrEncoding", encoded, ok, rehash, err)
		}
		if Recognise(encoded) != Unrecognised || Usable(encoded) {
			t.Errorf("%.60s is recognised", encoded)
		}
	}
}

func TestTheLargestAllowedParametersAreRecognised(t *testing.T) {
	salt, sum := base64.RawStdEncoding.EncodeToString(make([]byte, 64)), base64.RawStdEncoding.EncodeToString(make([]byte, 64))
	if Recognise("$argon2id$v=19$m=65536,t=10,p=4$"+salt+"$"+sum) != Argon2id {
		t.Error("argon2id at the limits is refused")
	}
	std := base64.StdEncoding.EncodeToString(make([]byte, 32))
	if Recognise("pbkdf2_sha256$2000000$salt$"+std) != Django {
		t.Error("Django's hash at the limit is refused")
	}
}

func TestLongPasswordsAreRefusedBeforeAnyWork(t *testing.T) {
	hasher := New(Options{})
	long := strings.Repeat("x", 1<<20)
	if _, err := hasher.Hash(t.Context(), long); !errors.Is(err, ErrTooLong) {
		t.Errorf("Hash: %v, want ErrTooLong", err)
	}
	expect(t, hasher, phc("x", "saltsalt", 64, 1, 1, 32), long, false, false)
}

func TestTwoHashesOfOnePasswordDiffer(t *testing.T) {
	hasher := New(Options{})
	first, err1 := hasher.Hash(t.Context(), "secret")
	second, err2 := hasher.Hash(t.Context(), "secret")
	if err1 != nil || err2 != nil || first == second {
		t.Errorf("%q, %q (%v, %v)", first, second, err1, err2)
	}
}

func TestABrokenRandomSourceMakesNoHash(t *testing.T) {
	hasher := New(Options{Random: bytes.NewReader([]byte("short"))})
	if encoded, err := hasher.Hash(t.Context(), "secret"); err == nil {
		t.Errorf("got %q", encoded)
	}
}

func FuzzVerifyIsBoundedAndRefusesDamage(f *testing.F) {
	f.Add(phc("secret", "saltsalt", 64, 1, 1, 16))
	f.Add("pbkdf2_sha256$10$x$rq0nD1ZgYBqTnNOHSSV9E1wFEcvJ5xqwI2HL1EqRjp8=")
	f.Add("$argon2id$v=19$m=4294967295,t=4294967295,p=255$AAAA$AAAA")
	hasher := New(Options{})
	f.Fuzz(func(t *testing.T, encoded string) {
		hash, err := parseArgon2id(encoded)
		if err == nil && (hash.cost.memory > maxMemory || hash.cost.passes > maxPasses || hash.cost.threads > maxThreads) {
			t.Fatalf("accepted %+v", hash.cost)
		}
		if err == nil && hash.String() != encoded {
			t.Fatalf("%q reads as %q", encoded, hash)
		}
		django, err := parseDjango(encoded)
		if err == nil && django.rounds > maxDjangoRounds {
			t.Fatalf("accepted %d rounds", django.rounds)
		}
		if Usable(encoded) && (hash.cost.memory > 1024 || hash.cost.passes > 2 || django.rounds > 1000) {
			return // allowed, but slow
		}
		if ok, _, _ := hasher.Verify(context.Background(), encoded, "a guess that nobody hashed"); ok {
			t.Fatalf("%q matches", encoded)
		}
	})
}
