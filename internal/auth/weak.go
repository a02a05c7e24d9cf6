package auth

import (
	_ "embed"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of a password. The upper one keeps a request from being work.
const (
	minPassword = 12
	maxPassword = 256
)

//go:embed common.txt
var commonWords string

// PasswordError says why a password is refused, in words for the page.
type PasswordError struct{ Why string }

// Error is the reason.
func (e *PasswordError) Error() string { return "password refused: " + e.Why }

// CheckPassword refuses a password that is short, that is one of those tried
// first, or that follows from the account's name.
func CheckPassword(password, user string) error {
	refuse := func(format string, a ...any) error { return &PasswordError{fmt.Sprintf(format, a...)} }
	switch n := utf8.RuneCountInString(password); {
	case !utf8.ValidString(password):
		return refuse("it is not text")
	case n < minPassword:
		return refuse("it has %d characters, at least %d are needed", n, minPassword)
	case n > maxPassword:
		return refuse("it is longer than %d characters", maxPassword)
	}
	core := simplify(password)
	switch {
	case distinct(password) < 5:
		return refuse("it repeats a few characters")
	case isRun(password):
		return refuse("it is a run along the alphabet or the keyboard")
	case user != "" && len(core) < len(simplify(user))+6 && strings.Contains(core, simplify(user)):
		return refuse("it is the account's name with little added")
	}
	for word := range strings.FieldsSeq(commonWords) {
		if core == word || core == word+word {
			return refuse("it is one of the passwords that are tried first")
		}
	}
	return nil
}

// simplify folds what people do to a common word to make it pass: capitals,
// digits for letters, digits and marks at the ends.
func simplify(s string) string {
	s = strings.TrimFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) })
	s = strings.NewReplacer("0", "o", "1", "l", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "i").Replace(s)
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, s)
}

func distinct(s string) int {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[unicode.ToLower(r)] = true
	}
	return len(seen)
}

// isRun says whether s goes along one of the rows that fingers go along,
// forwards or backwards, starting anywhere.
func isRun(s string) bool {
	s = strings.ToLower(s)
	for _, row := range []string{"01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p"} {
		if strings.Contains(row, s) || strings.Contains(reverse(row), s) {
			return true
		}
	}
	return false
}

func reverse(s string) string {
	r := []rune(s)
	for i, j := 0, len(r)-1; i < j; i, j = i+1, j-1 {
		r[i], r[j] = r[j], r[i]
	}
	return string(r)
}
