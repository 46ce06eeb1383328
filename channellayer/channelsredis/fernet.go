package channelsredis

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"time"
)

// A Fernet token is base64 of: version, 8 bytes of seconds, initial vector,
// AES-128-CBC with PKCS #7 padding, HMAC-SHA-256 over all before.
const (
	fernetVersion = 0x80
	fernetHead    = 1 + 8 + aes.BlockSize
	fernetMAC     = sha256.Size
)

// clockTolerance is how far in the future a token may have been made.
const clockTolerance = 60 * time.Second

var errToken = errors.New("channelsredis: refused token")

// fernetKey is one key; the text is hashed as channels_redis does.
type fernetKey struct {
	sign  []byte
	block cipher.Block
}

func newFernetKey(text string) fernetKey {
	sum := sha256.Sum256([]byte(text))
	block, err := aes.NewCipher(sum[16:])
	if err != nil {
		panic(err) // 16 bytes are a key
	}
	return fernetKey{sign: sum[:16], block: block}
}

// seal makes a token.
func (k fernetKey) seal(plain []byte, now time.Time, iv [aes.BlockSize]byte) []byte {
	padding := aes.BlockSize - len(plain)%aes.BlockSize
	raw := make([]byte, 0, fernetHead+len(plain)+padding+fernetMAC)
	raw = append(raw, fernetVersion)
	raw = binary.BigEndian.AppendUint64(raw, uint64(now.Unix()))
	raw = append(raw, iv[:]...)
	raw = append(raw, plain...)
	for range padding {
		raw = append(raw, byte(padding))
	}
	body := raw[fernetHead:]
	cipher.NewCBCEncrypter(k.block, iv[:]).CryptBlocks(body, body)
	raw = append(raw, k.mac(raw)...)
	return base64.URLEncoding.AppendEncode(nil, raw)
}

func (k fernetKey) mac(raw []byte) []byte {
	h := hmac.New(sha256.New, k.sign)
	_, _ = h.Write(raw)
	return h.Sum(nil)
}

// open returns what is in a decoded token and when it was made.
func (k fernetKey) open(raw []byte) (plain []byte, made time.Time, err error) {
	end := len(raw) - fernetMAC
	if end < fernetHead+aes.BlockSize || (end-fernetHead)%aes.BlockSize != 0 || raw[0] != fernetVersion {
		return nil, time.Time{}, errToken
	}
	if !hmac.Equal(raw[end:], k.mac(raw[:end])) {
		return nil, time.Time{}, errToken
	}
	made = time.Unix(int64(binary.BigEndian.Uint64(raw[1:9])), 0)
	plain = make([]byte, end-fernetHead)
	cipher.NewCBCDecrypter(k.block, raw[9:fernetHead]).CryptBlocks(plain, raw[fernetHead:end])
	if plain, err = unpad(plain); err != nil {
		return nil, time.Time{}, err
	}
	return plain, made, nil
}

func unpad(plain []byte) ([]byte, error) {
	n := int(plain[len(plain)-1])
	if n == 0 || n > aes.BlockSize {
		return nil, errToken
	}
	body := plain[:len(plain)-n]
	for _, c := range plain[len(body):] {
		if subtle.ConstantTimeByteEq(c, byte(n)) == 0 {
			return nil, errToken
		}
	}
	return body, nil
}

// openAny decodes a token and tries all keys. A maxAge above zero refuses
// tokens that are older, or made too far in the future.
func openAny(keys []fernetKey, token string, now time.Time, maxAge time.Duration) ([]byte, error) {
	raw, err := base64.URLEncoding.Strict().DecodeString(token)
	if err != nil {
		return nil, errToken
	}
	for _, k := range keys {
		plain, made, err := k.open(raw)
		if err != nil {
			continue
		}
		if age := now.Sub(made); maxAge > 0 && (age.Truncate(time.Second) > maxAge || age < -clockTolerance) {
			return nil, errToken
		}
		return plain, nil
	}
	return nil, errToken
}
