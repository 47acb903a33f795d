#!/bin/sh
# Makes the certificates that the TLS tests use. They prove nothing to anybody else: names under .test, a root of their own.
set -e
cd "$(dirname "$0")"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout root.key -out root.pem -days 36500 \
  -subj "/CN=Test root" -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign,cRLSign"
one() {  # file, name, more arguments
  file=$1; name=$2; shift 2
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$file.key" -out "$file.csr" -subj "/CN=$name"
  printf 'subjectAltName=DNS:%s\nauthorityKeyIdentifier=keyid\nextendedKeyUsage=serverAuth\n' "$name" > "$file.ext"
  openssl x509 -req -in "$file.csr" -CA root.pem -CAkey root.key -out "$file.crt" -extfile "$file.ext" "$@"
  cat "$file.crt" "$file.key" > "$file.pem"
  rm "$file.csr" "$file.ext" "$file.crt" "$file.key"
}
one pub pub.test -days 36500
one other other.test -days 36500
one expired pub.test -days -1
rm -f root.key root.srl
