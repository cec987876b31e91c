#!/usr/bin/env bash
# Fails if a source file is not formatted as .swift-format says.
source "$(dirname "$0")/environment.sh"
swift format lint --strict --recursive --parallel Sources Tests Examples Package.swift
