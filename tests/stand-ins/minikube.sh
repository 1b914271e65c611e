#!/usr/bin/env bash
# A minikube made of kind, for machines where minikube cannot run: the commands that `up` gives it, with a real cluster
# behind them. What minikube itself does with them is not tested by this.
set -euo pipefail

config=${KUBECONFIG:-}
profile=
ports=()
words=()
while (($# > 0)); do
  case $1 in
    --profile) profile=$2; shift ;;
    --ports=*) ports+=("${1#--ports=}") ;;
    --driver | --wait | --output | --format) shift ;;
    --extra-config=* | --interactive=false | --) ;;
    *) words+=("$1") ;;
  esac
  shift
done

node=$profile-control-plane
image=${KIND_NODE_IMAGE:-${NODE_IMAGE:-}}
rename() { kubectl --kubeconfig "$config" config rename-context "kind-$profile" "$profile" >/dev/null; }

create() {
  local mapping
  {
    printf 'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodes:\n  - role: control-plane\n    kubeadmConfigPatches:\n'
    printf '      - |\n        kind: ClusterConfiguration\n        apiServer:\n          extraArgs:\n'
    printf '            - name: service-node-port-range\n              value: 30080-30089\n    extraPortMappings:\n'
    for mapping in "${ports[@]}"; do
      IFS=: read -r address host container <<<"$mapping"
      printf '      - { listenAddress: %s, hostPort: %s, containerPort: %s }\n' "$address" "$host" "$container"
    done
  } | kind create cluster --name "$profile" --kubeconfig "$config" ${image:+--image "$image"} --config - --wait 90s
  rename
}

case "${words[*]}" in
  'profile list')
    names=$(kind get clusters 2>/dev/null | sed 's/.*/{"Name":"&","Status":"OK"}/' | paste -sd, -)
    printf '{"invalid":[],"valid":[%s]}' "$names"
    ;;
  start) if kind get clusters 2>/dev/null | grep -qx "$profile"; then docker start "$node"; else create; fi ;;
  status)
    running=$(docker inspect --format '{{.State.Running}}' "$node")
    if [[ $running == true ]]; then echo Running; else echo Stopped && exit 7; fi
    ;;
  update-context)
    kind export kubeconfig --name "$profile" --kubeconfig "$config" --quiet
    kubectl --kubeconfig "$config" config delete-context "$profile" >/dev/null 2>&1 || true
    rename
    ;;
  'image ls') docker exec "$node" ctr --namespace k8s.io images list --quiet ;;
  'image load '*) kind load docker-image --name "$profile" "${words[@]:2}" ;;
  'ssh cat /etc/hosts')
    gateway=$(docker network inspect kind --format '{{range .IPAM.Config}}{{.Gateway}} {{end}}' | tr ' ' '\n' | grep -m1 -E '^[0-9.]+$')
    printf '127.0.0.1\tlocalhost\r\n%s\thost.minikube.internal\r\n' "$gateway"
    ;;
  delete) kind delete cluster --name "$profile" ;;
  *) echo "minikube.sh does not know: ${words[*]}" >&2 && exit 64 ;;
esac
