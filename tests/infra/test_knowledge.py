"""The bucket tells the queue, the queue calls the function, and what cannot be taken lies where an alarm looks."""

from collections.abc import Mapping

import pytest

from functions import FUNCTIONS
from tests.infra.templates import Json, Synthesis
from tests.infra.test_observability import alarmed

pytestmark = pytest.mark.slow
(FUNCTION,) = [function for function in FUNCTIONS if function.bucket]


def bucket(synthesis: Synthesis) -> Json:
    (found,) = [
        each for each in synthesis["Data"].of_type("S3::Bucket").values() if "-knowledge-1" in str(each["BucketName"])
    ]
    return found


def queues(synthesis: Synthesis) -> dict[str, Json]:
    """By the end of their names, each with what the template calls it under `logical`."""
    found = synthesis["Data"].of_type("SQS::Queue")
    return {each["QueueName"].split("-", 2)[2]: each | {"logical": name} for name, each in found.items()}


def mapping(synthesis: Synthesis) -> Json:
    return synthesis["Api"].only("Lambda::EventSourceMapping")


def test_whatever_is_dropped_or_taken_away_is_told_to_the_queue(synthesis: Synthesis) -> None:
    told = bucket(synthesis)["NotificationConfiguration"]["QueueConfigurations"]
    queue = queues(synthesis)[FUNCTION.name]["logical"]

    assert {each["Event"] for each in told} == {"s3:ObjectCreated:*", "s3:ObjectRemoved:*"}
    assert {synthesis["Data"].target(each["Queue"]) for each in told} == {queue}


def test_only_this_bucket_may_tell_the_queue(synthesis: Synthesis) -> None:
    name = queues(synthesis)[FUNCTION.name]["logical"]
    policies = synthesis["Data"].of_type("SQS::QueuePolicy").values()
    (policy,) = [each for each in policies if synthesis["Data"].target(each["Queues"]) == name]
    (allowed,) = [each for each in policy["PolicyDocument"]["Statement"] if each["Effect"] == "Allow"]

    assert allowed["Principal"] == {"Service": "s3.amazonaws.com"}
    assert allowed["Condition"]["ArnEquals"]["aws:SourceArn"] == f"arn:aws:s3:::{bucket(synthesis)['BucketName']}"
    assert allowed["Condition"]["StringEquals"] == {"aws:SourceAccount": "111111111111"}


def test_the_bucket_waits_for_the_queues_word_that_it_may(synthesis: Synthesis) -> None:
    body = synthesis["Data"].body["Resources"]
    (made,) = [each for each in body.values() if each.get("Properties", {}) == bucket(synthesis)]
    needed = {body[name]["Type"] for name in made["DependsOn"]}

    assert "AWS::SQS::QueuePolicy" in needed


def test_the_function_hangs_on_the_queue_by_its_alias_and_says_what_failed(synthesis: Synthesis) -> None:
    made = mapping(synthesis)

    assert made["EventSourceArn"].endswith(f":{queues(synthesis)[FUNCTION.name]['QueueName']}")
    assert made["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert made["ScalingConfig"]["MaximumConcurrency"] >= 2
    assert synthesis["Api"].target(made["FunctionName"]) in synthesis["Api"].of_type("Lambda::Alias")


def test_a_message_is_hidden_for_longer_than_the_function_may_take(synthesis: Synthesis) -> None:
    function = synthesis.functions()[FUNCTION.name]

    assert queues(synthesis)[FUNCTION.name]["VisibilityTimeout"] > function["Timeout"]


def test_what_failed_too_often_lies_with_the_dead_letters_and_somebody_is_told(synthesis: Synthesis) -> None:
    queue, dead = queues(synthesis)[FUNCTION.name], queues(synthesis)[f"{FUNCTION.name}-dead"]
    watched = {dimensions["QueueName"] for space, _, dimensions in alarmed(synthesis) if space == "AWS/SQS"}

    assert synthesis["Data"].target(queue["RedrivePolicy"]["deadLetterTargetArn"]) == dead["logical"]
    assert queue["RedrivePolicy"]["maxReceiveCount"] > 1
    assert {queue["QueueName"], dead["QueueName"]} <= watched


def test_files_are_sealed_with_our_key_and_what_was_overwritten_can_be_brought_back(synthesis: Synthesis) -> None:
    made = bucket(synthesis)
    (rule,) = made["BucketEncryption"]["ServerSideEncryptionConfiguration"]

    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert made["VersioningConfiguration"] == {"Status": "Enabled"}
    assert all(made["PublicAccessBlockConfiguration"].values())


def test_files_outlive_their_stack_where_data_is_kept(syntheses: Mapping[str, Synthesis]) -> None:
    def fate(name: str) -> set[str]:
        resources = syntheses[name]["Data"].body["Resources"].values()
        return {
            each["DeletionPolicy"]
            for each in resources
            if each["Type"] == "AWS::S3::Bucket" and "knowledge" in each["Properties"]["BucketName"]
        }

    assert (fate("prod"), fate("dev")) == ({"Retain"}, {"Delete"})


def test_reading_has_the_time_the_memory_and_the_disk_that_it_takes(syntheses: Mapping[str, Synthesis]) -> None:
    for name in ("dev", "prod"):
        made = syntheses[name].functions()[FUNCTION.name]
        assert (made["Timeout"], made["MemorySize"], made["EphemeralStorage"]) == (900, 2048, {"Size": 4096})
