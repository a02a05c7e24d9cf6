package scrub

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"

	"github.com/plumbline-net/plumbline/netdev/platform"
)

// Unverifiable stands for a secret that a device prints in another ciphertext
// on every read: it can be neither compared nor told apart.
const Unverifiable = "<secret:unverifiable>"

// Masker turns the value of a secret into 12 hex digits: equal values, equal
// digits. It must not be reversible without a key.
type Masker func(value []byte) string

// KeyMasker masks by HMAC-SHA-256 (RFC 2104) under key, cut to 48 bits.
func KeyMasker(key []byte) Masker {
	key = append([]byte(nil), key...)
	return func(value []byte) string {
		h := hmac.New(sha256.New, key)
		h.Write(value)
		return hex.EncodeToString(h.Sum(nil)[:6])
	}
}

// Secret is a fact about one masked secret. The value itself is not in it.
type Secret struct {
	Line       int    // of the raw text, from 1
	Form       string // clear type-7 dollar-nine sha512 community reencrypted pem …
	Class      string // clear reversible weak-hash strong-hash unknown
	Mask       string // the whole token, <secret:…>
	Dictionary bool   // in the list of default words
	Short      bool   // the plain value is at hand and has fewer than 8 bytes
}

// Changed says who changed the configuration last, and when, as the text
// itself tells.
type Changed struct{ By, At string }

// Result is what is left of a raw text.
type Result struct {
	Text    []byte // noise dropped, secrets masked, line ends \n
	Lines   []int  // Lines[i] is the raw line (from 1) of line i+1 of Text
	Secrets []Secret
	Changed *Changed // nil when the text does not say
	Dropped int      // noise lines
}

// Scrubber cleans the texts of one platform. It is safe for concurrent use.
type Scrubber struct {
	book platform.Rulebook
}

// New compiles a rulebook. Do it once for a platform.
func New(book platform.Rulebook) *Scrubber { return &Scrubber{book: book} }
