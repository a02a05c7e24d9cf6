package sim

import (
	"crypto/aes"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"errors"
)

// The user-based security model (RFC 3414) with HMAC-192-SHA-256 (RFC 7860)
// and AES-128 in CFB mode (RFC 3826): the one user this network has.

const (
	usmDigestLen   = 24
	usmTimeWindow  = 150 // seconds, RFC 3414 §2.2.3
	usmNotInWindow = 2
	usmUnknownUser = 3
	usmUnknownEng  = 4
	usmWrongDigest = 5
	usmDecryption  = 6

	usmUnknownContext = 100 // not of this list: it has its own counter
)

// usmKeys are keys localized to one engine.
type usmKeys struct{ auth, priv []byte }

func localize(password string, engine []byte) []byte {
	// RFC 3414 A.2: a megabyte of the repeated password, then bound to the engine.
	h := sha256.New()
	buf := make([]byte, 64)
	for done, at := 0, 0; done < 1<<20; done += 64 {
		for i := range buf {
			buf[i] = password[at%len(password)]
			at++
		}
		h.Write(buf)
	}
	ku := h.Sum(nil)
	h.Reset()
	h.Write(ku)
	h.Write(engine)
	h.Write(ku)
	return h.Sum(nil)
}

func (k usmKeys) digest(message []byte) []byte {
	m := hmac.New(sha256.New, k.auth)
	m.Write(message)
	return m.Sum(nil)[:usmDigestLen]
}

var errCipher = errors.New("not enciphered for this engine")

// crypt applies AES-128-CFB with the IV of RFC 3826 §3.1.2.1.
func (k usmKeys) crypt(in, salt []byte, boots, now uint32, decrypt bool) ([]byte, error) {
	if len(salt) != 8 {
		return nil, errCipher
	}
	block, err := aes.NewCipher(k.priv[:16])
	if err != nil {
		return nil, err
	}
	iv := binary.BigEndian.AppendUint32(nil, boots)
	iv = binary.BigEndian.AppendUint32(iv, now)
	iv = append(iv, salt...)
	// The feedback is always the cipher text, whichever way it goes.
	out, feed := make([]byte, len(in)), iv
	stream := make([]byte, aes.BlockSize)
	for i := 0; i < len(in); i += aes.BlockSize {
		block.Encrypt(stream, feed)
		end := min(i+aes.BlockSize, len(in))
		subtle.XORBytes(out[i:end], in[i:end], stream)
		if feed = out[i:end]; decrypt {
			feed = in[i:end]
		}
	}
	return out, nil
}
