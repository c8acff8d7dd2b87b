#!/usr/bin/env bash
# Puts the page where CloudFront serves it: deploy-page.sh ENVIRONMENT OUTPUTS FOLDER, with the outputs of `make deploy`. Files whose
# names have a hash are kept by browsers for a year; the page itself is asked for again each time.
set -euo pipefail
environment=$1 outputs=$2 folder=$3
if [ ! -f "$outputs" ]; then
    echo "error: $outputs is missing, which says where the page of $environment is; make deploy ENVIRONMENT=$environment writes it" >&2
    exit 1
fi
output() { # output NAME: of the stack of the API
    python3 -c 'import json, sys
stacks = json.load(open(sys.argv[1]))
print(next(outputs for name, outputs in stacks.items() if name.endswith("-api"))[sys.argv[2]])' "$outputs" "$1"
}

bucket=$(output PageBucket)
# The page before goes on until the new one is there with all that it names, and only then goes what nobody names any more.
put() { aws s3 sync "$folder" "s3://$bucket" --exclude index.html --cache-control 'public, max-age=31536000, immutable' "$@"; }
put
aws s3 cp "$folder/index.html" "s3://$bucket/index.html" --cache-control 'no-cache'
aws cloudfront create-invalidation --distribution-id "$(output DistributionId)" --paths /index.html >/dev/null
put --delete
echo "the page is at $(output Url)"
