"""Every operation of the service that the client calls: its method and path, by its id.

A test compares this with the service's own description, both ways.
"""

from __future__ import annotations

from typing import Final

OPERATIONS: Final[dict[str, tuple[str, str]]] = {
    # who
    "who_am_i": ("GET", "/v1/me"),
    "change_password": ("PUT", "/v1/me/password"),
    "log_in": ("POST", "/v1/sessions"),
    "log_out": ("DELETE", "/v1/sessions/current"),
    "list_keys": ("GET", "/v1/keys"),
    "create_key": ("POST", "/v1/keys"),
    "revoke_key": ("DELETE", "/v1/keys/{key_id}"),
    # rounds
    "list_rounds": ("GET", "/v1/rounds"),
    "create_round": ("POST", "/v1/rounds"),
    "get_round": ("GET", "/v1/rounds/{round_id}"),
    "update_round": ("PATCH", "/v1/rounds/{round_id}"),
    "move_round": ("POST", "/v1/rounds/{round_id}/transitions"),
    "check_round": ("GET", "/v1/rounds/{round_id}/check"),
    "round_log": ("GET", "/v1/rounds/{round_id}/log"),
    "list_participants": ("GET", "/v1/rounds/{round_id}/participants"),
    "add_participant": ("PUT", "/v1/rounds/{round_id}/participants/{organisation_id}"),
    "remove_participant": ("DELETE", "/v1/rounds/{round_id}/participants/{organisation_id}"),
    "list_members": ("GET", "/v1/rounds/{round_id}/members"),
    "add_member": ("PUT", "/v1/rounds/{round_id}/members/{login}"),
    "remove_member": ("DELETE", "/v1/rounds/{round_id}/members/{login}"),
    # tables
    "list_tables": ("GET", "/v1/rounds/{round_id}/tables"),
    "get_table": ("GET", "/v1/rounds/{round_id}/tables/{table}"),
    "put_table": ("PUT", "/v1/rounds/{round_id}/tables/{table}"),
    "clear_table": ("DELETE", "/v1/rounds/{round_id}/tables/{table}"),
    "list_uploads": ("GET", "/v1/rounds/{round_id}/tables/{table}/uploads"),
    "get_upload": ("GET", "/v1/rounds/{round_id}/tables/{table}/uploads/{revision}"),
    "restore_upload": ("POST", "/v1/rounds/{round_id}/tables/{table}/uploads/{revision}/restore"),
    # erasure
    "erase_learner": ("POST", "/v1/rounds/{round_id}/erasures"),
    "list_erasures": ("GET", "/v1/rounds/{round_id}/erasures"),
    "verify_figures": ("GET", "/v1/rounds/{round_id}/verification"),
    # views
    "get_demand": ("GET", "/v1/rounds/{round_id}/demand"),
    "get_catalogue": ("GET", "/v1/rounds/{round_id}/catalogue/{kind}"),
    "get_pseudonymised_table": ("GET", "/v1/rounds/{round_id}/pseudonymised/{table}"),
    # runs
    "create_run": ("POST", "/v1/rounds/{round_id}/runs"),
    "list_runs": ("GET", "/v1/rounds/{round_id}/runs"),
    "get_run": ("GET", "/v1/runs/{run_id}"),
    "run_events": ("GET", "/v1/runs/{run_id}/events"),
    "cancel_run": ("DELETE", "/v1/runs/{run_id}"),
    "create_study": ("POST", "/v1/runs/{run_id}/studies"),
    # results
    "list_files": ("GET", "/v1/runs/{run_id}/files"),
    "get_file": ("GET", "/v1/runs/{run_id}/files/{name}"),
    "get_report": ("GET", "/v1/runs/{run_id}/report"),
    "list_placements": ("GET", "/v1/runs/{run_id}/placements"),
    "get_workbook": ("GET", "/v1/runs/{run_id}/result.xlsx"),
    "explain_learner": ("GET", "/v1/runs/{run_id}/learners/{learner}"),
    "compare_runs": ("GET", "/v1/runs/{run_id}/compare/{other_id}"),
    # changes by hand, publication
    "create_change": ("POST", "/v1/runs/{run_id}/changes"),
    "list_changes": ("GET", "/v1/rounds/{round_id}/changes"),
    "revoke_change": ("DELETE", "/v1/rounds/{round_id}/changes/{change_id}"),
    "publish": ("PUT", "/v1/rounds/{round_id}/publication"),
    "unpublish": ("DELETE", "/v1/rounds/{round_id}/publication"),
    "list_arrivals": ("GET", "/v1/rounds/{round_id}/arrivals"),
    "list_outcomes": ("GET", "/v1/rounds/{round_id}/outcomes"),
    # people
    "list_organisations": ("GET", "/v1/organisations"),
    "create_organisation": ("POST", "/v1/organisations"),
    "get_organisation": ("GET", "/v1/organisations/{organisation_id}"),
    "update_organisation": ("PATCH", "/v1/organisations/{organisation_id}"),
    "list_users": ("GET", "/v1/users"),
    "create_user": ("POST", "/v1/users"),
    "get_user": ("GET", "/v1/users/{user_id}"),
    "update_user": ("PATCH", "/v1/users/{user_id}"),
    "list_user_keys": ("GET", "/v1/users/{user_id}/keys"),
    "revoke_user_key": ("DELETE", "/v1/users/{user_id}/keys/{key_id}"),
}
