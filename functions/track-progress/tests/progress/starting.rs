//! Jobs that start for too long.

use store::StartingJob;
use testkit::fixtures::at;
use track_progress::still_starting;

use crate::scene::Scene;

#[tokio::test]
async fn a_job_is_asked_whether_it_still_starts_when_it_should_long_run_and_not_before() {
    let scene = Scene::new(1).await;
    let job = StartingJob { id: "4c75:3".to_owned(), ended_attempts: 0 };
    for seconds in [5, 13 * 60, 15 * 60 + 2] {
        still_starting(&scene.context, &job, at(0), at(seconds)).await.unwrap();
    }
    assert_eq!(*scene.jobs.starting.lock().unwrap(), [(job, 15)]);
}
